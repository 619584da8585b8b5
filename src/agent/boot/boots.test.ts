import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { RunResult } from "../../port/process.ts";
import { bless, bootOnce, type BootResult } from "../../sim/boot/boot-once.ts";
import { startOf } from "../../sim/check/starts.ts";
import type { SimWorld } from "../../sim/machine.ts";
import type { SimProgram } from "../../sim/process/sim-process.ts";
import { counted } from "../../sim/scenario/boot-actors.ts";
import { update } from "../../sim/scenario/commands.ts";
import { bothNames, cutOff } from "../../sim/scenario/cut-off.ts";
import { did, sampleOf } from "../../sim/scenario/listed.ts";
import type { Sample } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { checkReport } from "../command/check.ts";
import { readJournal } from "../state/journal.ts";
import { assessBoot, rejectBoot } from "./assess.ts";
import { confirmBoot } from "./confirm.ts";
import { giveBack } from "./give-back.ts";
import { liftVersion, quarantineReport } from "./quarantine.ts";
import { keepTried, tryVersion } from "./try-version.ts";

const linux = "/efi/EFI/Linux";
const entries = (world: SimWorld): string =>
  world.tree
    .namesIn(linux)
    .filter((name) => name.endsWith(".efi"))
    .join(" ");

/** Switches it on; what comes up says so in os-release. */
async function on({ world, truth }: Sample, rejected: readonly string[] = []): Promise<BootResult> {
  world.restart();
  const result = await bootOnce(world, {
    esp: "/efi",
    imageMissing: "reboot",
    start: (found, now) => startOf(truth, found, now, { limping: new Set(), rejected: new Set(rejected) }),
  });
  const version = truth.versionOf(result.entry?.fileName ?? "");
  world.tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`);
  return result;
}

/** A whole good boot: judged, marked, confirmed. */
async function goodBoot(sample: Sample): Promise<string> {
  const { entry } = await on(sample);
  assert.ok(entry !== undefined);
  assert.equal((await assessBoot(sessionOn(sample.world).session)).verdict, "good");
  bless(sample.world, entry);
  return (await confirmBoot(sessionOn(sample.world).session)).blessing;
}

const ended = (exitCode: number, stdout = ""): RunResult => ({ exitCode, stdout, stderr: "" });

function programs(world: SimWorld, more: Readonly<Record<string, SimProgram>>): void {
  Object.assign(world.options, { programs: { ...world.options.programs, ...more } });
}

/** A required check that ends with this code; in greenboot's folder. */
function required(world: SimWorld, code: number, output = ""): void {
  const path = "/etc/greenboot/check/required.d/10-network.sh";
  world.tree.plant(path, "#!/bin/sh\n");
  programs(world, { bash: () => ended(code, output), [path]: () => ended(code, output) });
}

async function updated(seed = 1): Promise<Sample> {
  const sample = sampleOf(seed, "files", ["1"], ["1", "2"]);
  await did(update)(sample);
  return sample;
}

describe("a boot that is good", () => {
  test("is judged, marked by systemd-bless-boot, and read back from the ESP", async () => {
    const sample = await updated();
    assert.equal(await goodBoot(sample), "blessed");
    assert.equal(entries(sample.world), "os_1.efi os_2.efi");
    const good = sample.world.tree.peek("/efi/EFI/holdfast/known-good.txt");
    assert.ok(good !== undefined && good !== "unreadable");
    assert.equal(new TextDecoder().decode(good.bytes()), "os_2.efi\n");
  });

  test("is reported as not marked when the ESP says otherwise, and that is evidence", async () => {
    const sample = await updated();
    await on(sample);
    await assessBoot(sessionOn(sample.world).session);
    const report = await confirmBoot(sessionOn(sample.world).session);
    assert.equal(report.blessing, "still-counted");
    assert.match(report.because, /os_2\+2-1\.efi still carries a counter: systemd-bless-boot did not rename it/);
  });

  test("counted on the ESP and by no variable, it is not good: it could not be marked", async () => {
    const sample = await updated();
    await on(sample);
    sample.world.variables.delete("LoaderBootCountPath");
    const { verdict, checks } = await assessBoot(sessionOn(sample.world).session);
    assert.equal(verdict, "bad");
    assert.deepEqual(
      checks.filter(({ state }) => state === "failed").map(({ name }) => name),
      ["boot-counting"],
    );
    assert.equal((await rejectBoot(sessionOn(sample.world).session)).startsAgain, true);
  });
});

describe("a boot that is bad", () => {
  test("starts the machine again until the older version comes up, which knows why", async () => {
    const sample = await updated();
    required(sample.world, 1, "no route\n");
    for (const left of ["os_2+2-1.efi", "os_2+1-2.efi", "os_2+0-3.efi"]) {
      assert.equal((await on(sample)).entry?.fileName, left);
      assert.equal((await assessBoot(sessionOn(sample.world).session)).verdict, "bad");
      assert.equal((await rejectBoot(sessionOn(sample.world).session)).startsAgain, true);
    }
    assert.equal((await on(sample)).entry?.fileName, "os_1.efi");
    // Its entry carries no counter: it stays up, with a report.
    assert.equal((await assessBoot(sessionOn(sample.world).session)).verdict, "bad");
    assert.equal((await rejectBoot(sessionOn(sample.world).session)).startsAgain, false);
    const { session, herald } = sessionOn(sample.world);
    const report = await confirmBoot(session);
    assert.deepEqual(
      report.givenUp.map(({ version, verdict, evidence, text }) => [version, verdict, evidence, text]),
      [["2", "quarantined", "check", "it failed the check 10-network.sh"]],
    );
    assert.deepEqual(
      herald.news.map(({ event, version, runs, evidence, details }) => [event, version, runs, evidence, details?.[0]]),
      [["quarantined", "2", "1", "check", "10-network.sh: exit code 1: no route"]],
    );
    assert.match(report.givenUp[0]?.details[0] ?? "", /^10-network\.sh: exit code 1: no route$/);
    const list = await quarantineReport(sessionOn(sample.world).session);
    assert.deepEqual(
      list.versions.map(({ version, installed }) => [version, installed]),
      [["2", true]],
    );
    await liftVersion(sessionOn(sample.world).session, "2");
    assert.deepEqual((await confirmBoot(sessionOn(sample.world).session)).givenUp, []);
    assert.deepEqual((await quarantineReport(sessionOn(sample.world).session)).versions, []);
  });

  test("does not get its try back when it is started again, also where no verdict could be written", async () => {
    const sample = await updated();
    await on(sample);
    await rejectBoot(sessionOn(sample.world).session);
    sample.world.tree.uproot("/var/lib/holdfast/boot/boots.json");
    const report = await giveBack(sessionOn(sample.world).session);
    assert.deepEqual([report.entry, report.because], [undefined, "this boot was given up"]);
    assert.equal(entries(sample.world), "os_1.efi os_2+2-1.efi");
  });

  test("where every entry is marked bad the machine stays up", async () => {
    const sample = await updated();
    sample.world.tree.shift(`${linux}/os_1.efi`, `${linux}/os_1+0-1.efi`);
    sample.world.tree.shift(`${linux}/os_2+3-0.efi`, `${linux}/os_2+0-3.efi`);
    required(sample.world, 1);
    await on(sample);
    await assessBoot(sessionOn(sample.world).session);
    assert.equal((await rejectBoot(sessionOn(sample.world).session)).startsAgain, false);
  });
});

describe("a boot that ends without a verdict", () => {
  test("by a clean shutdown gives its try back, once", async () => {
    const sample = await updated();
    await on(sample);
    const report = await giveBack(sessionOn(sample.world).session);
    assert.equal(report.entry, "os_2+3-1.efi");
    assert.equal(entries(sample.world), "os_1.efi os_2+3-1.efi");
    assert.equal((await giveBack(sessionOn(sample.world).session)).entry, undefined);
  });

  test("by power cuts, until its tries are used up: it is unproven, and offered once more", async () => {
    const sample = await updated();
    for (let boot = 0; boot < 3; boot++) await on(sample);
    assert.equal((await on(sample)).entry?.fileName, "os_1.efi");
    await assessBoot(sessionOn(sample.world).session);
    const { givenUp } = await confirmBoot(sessionOn(sample.world).session);
    assert.deepEqual(
      givenUp.map(({ version, verdict }) => [version, verdict]),
      [["2", "unproven"]],
    );
    assert.deepEqual((await confirmBoot(sessionOn(sample.world).session)).givenUp, []);
    assert.equal((await checkReport(sessionOn(sample.world).session)).available, "2");
    await update(sample.world.run().machine);
    assert.equal(entries(sample.world), "os_1.efi os_2+3-1.efi");
    assert.equal((await checkReport(sessionOn(sample.world).session)).available, undefined);
    for (let boot = 0; boot < 3; boot++) await on(sample);
    await on(sample);
    await update(sample.world.run().machine);
    const { versions } = await quarantineReport(sessionOn(sample.world).session);
    assert.deepEqual(
      versions.map(({ version, evidence }) => [version, evidence]),
      [["2", "unproven-twice"]],
    );
    assert.equal(entries(sample.world), "os_1.efi os_2+0-4.efi");
  });

  test("with a crash report of the kernel it is in quarantine, and one from before its time is nobody's", async () => {
    const sample = sampleOf(1, "files", ["1"], ["1", "2"]);
    const report = "/var/lib/systemd/pstore/7312/dmesg.txt";
    sample.world.tree.plant("/var/lib/systemd/pstore/1/dmesg.txt", "Kernel panic - not syncing: long ago\n");
    await on(sample);
    await assessBoot(sessionOn(sample.world).session);
    await confirmBoot(sessionOn(sample.world).session);
    await update(sample.world.run().machine);
    for (let boot = 0; boot < 3; boot++) await on(sample, ["2"]);
    sample.world.tree.plant(report, "<0>[ 2.1] Kernel panic - not syncing: Attempted to kill init!\n");
    await assessBoot(sessionOn(sample.world).session);
    const { givenUp } = await confirmBoot(sessionOn(sample.world).session);
    assert.deepEqual(
      givenUp.map(({ version, evidence, details }) => [version, evidence, details]),
      [["2", "panic", [`${report}: Kernel panic - not syncing: Attempted to kill init!`]]],
    );
  });

  test("tells the last lines of its log, where they were kept", async () => {
    const sample = await updated();
    required(sample.world, 1);
    const asked: string[] = [];
    programs(sample.world, {
      journalctl: (args) => {
        asked.push(args.join(" "));
        return ended(0, "[ 1.0] the end of it\n");
      },
    });
    for (let boot = 0; boot < 3; boot++) {
      await on(sample);
      await assessBoot(sessionOn(sample.world).session);
    }
    await on(sample);
    await confirmBoot(sessionOn(sample.world).session);
    const journal = await readJournal(sessionOn(sample.world).session);
    const evidence = journal.filter(({ event }) => event === "evidence").map(({ text }) => text);
    assert.ok(evidence.includes("log: [ 1.0] the end of it"), evidence.join("\n"));
    assert.match(asked[0] ?? "", /--boot [0-9a-f]{32} --lines 12/);
  });

  test("with a note of the initrd it is in quarantine, and the note is gone after the next good boot", async () => {
    const sample = await updated();
    for (let boot = 0; boot < 3; boot++) await on(sample, ["2"]);
    sample.world.tree.plant("/efi/EFI/holdfast/failures.txt", "7\tfailed\tos_2.efi\timage-missing\tno os_2.img\n");
    await assessBoot(sessionOn(sample.world).session);
    const { givenUp } = await confirmBoot(sessionOn(sample.world).session);
    assert.deepEqual(
      givenUp.map(({ version, evidence, details }) => [version, evidence, details]),
      [["2", "image-missing", ["initrd: image-missing: no os_2.img"]]],
    );
    assert.deepEqual(sample.world.tree.namesIn("/efi/EFI/holdfast"), ["known-good.txt"]);
  });
});

describe("a choice that pins an entry which is no good", () => {
  test("is cleared; one that pins a good entry stays", async () => {
    const sample = await updated();
    sample.world.tree.shift(`${linux}/os_2+3-0.efi`, `${linux}/os_2+0-3.efi`);
    await on(sample);
    await assessBoot(sessionOn(sample.world).session);
    for (const [choice, left] of [
      ["os_2*", undefined],
      ["os_1*", "os_1*"],
    ] as const) {
      sample.world.variables.set("LoaderEntryDefault", choice);
      const { notices } = await confirmBoot(sessionOn(sample.world).session);
      assert.equal(sample.world.variables.get("LoaderEntryDefault"), left);
      assert.equal(
        notices.some((text) => text.includes("LoaderEntryDefault pinned os_2+0-3.efi")),
        left === undefined,
      );
    }
  });
});

describe("a version that is tried", () => {
  test("boots once and comes back by itself", async () => {
    const sample = await updated();
    assert.equal(await goodBoot(sample), "blessed");
    const report = await tryVersion(sessionOn(sample.world).session, "1");
    assert.deepEqual([report.outcome, report.bootsNext, report.back], ["armed", "1", "2"]);
    assert.equal((await on(sample)).entry?.fileName, "os_1.efi");
    await confirmBoot(sessionOn(sample.world).session);
    assert.equal((await on(sample)).entry?.fileName, "os_2.efi");
    assert.match((await confirmBoot(sessionOn(sample.world).session)).notices.join(), /The try of version 1 is over/);
  });

  test("stays where it is kept", async () => {
    const sample = await updated();
    await goodBoot(sample);
    await tryVersion(sessionOn(sample.world).session, "1");
    await on(sample);
    assert.equal((await keepTried(sessionOn(sample.world).session, undefined)).outcome, "kept");
    assert.equal((await on(sample)).entry?.fileName, "os_1.efi");
  });

  test("that was marked bad does not stay because its boot was found good", async () => {
    const sample = await updated();
    for (let boot = 0; boot < 3; boot++) await on(sample);
    await on(sample);
    await update(sample.world.run().machine);
    for (let boot = 0; boot < 4; boot++) await on(sample);
    await confirmBoot(sessionOn(sample.world).session);
    await tryVersion(sessionOn(sample.world).session, "2");
    assert.equal(await goodBoot(sample), "blessed");
    assert.equal((await on(sample)).entry?.fileName, "os_1.efi");
  });
});

test("two names that a power cut left of the entry that was booted are one before anything is judged", async () => {
  const sample = sampleOf(1, "files", ["1"], ["1", "2"]);
  await did(update)(sample);
  const world = await cutOff(counted, ({ name }) => name === "syncFolder", bothNames)(sample);
  const twins = { ...sample, world };
  assert.equal((await on(twins)).kind, "up");
  assert.equal(entries(world), "os_1.efi os_2+2-1.efi os_2+3-0.efi");
  await assessBoot(sessionOn(world).session);
  assert.equal(entries(world), "os_1.efi os_2+2-1.efi");
});

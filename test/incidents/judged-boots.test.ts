// Incidents of judging boots: health checks, marking good, the loader's own age; on the simulated machine.
import assert from "node:assert/strict";
import { assessBoot, rejectBoot } from "../../src/agent/boot/assess.ts";
import { saveFineUnits } from "../../src/agent/boot/boot-state.ts";
import { confirmBoot } from "../../src/agent/boot/confirm.ts";
import type { RunResult } from "../../src/port/process.ts";
import { bootOnce } from "../../src/sim/boot/boot-once.ts";
import { startOf } from "../../src/sim/check/starts.ts";
import type { SimWorld } from "../../src/sim/machine.ts";
import { update } from "../../src/sim/scenario/commands.ts";
import { did, sampleOf } from "../../src/sim/scenario/listed.ts";
import { loaderMachine } from "../../src/sim/scenario/loader-updates.ts";
import type { Sample } from "../../src/sim/scenario/sample-machine.ts";
import { sessionOn } from "../../src/sim/scenario/session.fixture.ts";
import { incident } from "./incident.ts";

const session = (world: SimWorld) => sessionOn(world).session;
const ended = (exitCode: number, stdout = ""): RunResult => ({ exitCode, stdout, stderr: "" });

async function on({ world, truth }: Sample): Promise<string> {
  world.restart();
  const start = (found: Parameters<typeof startOf>[1], now: SimWorld) =>
    startOf(truth, found, now, { limping: new Set() });
  const { entry } = await bootOnce(world, { esp: "/efi", imageMissing: "give-up", start });
  const version = truth.versionOf(entry?.fileName ?? "") ?? "";
  world.tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`);
  return entry?.fileName ?? "";
}

async function onTrial(): Promise<Sample> {
  const sample = sampleOf(1, "files", ["1"], ["1", "2"]);
  await did(update)(sample);
  assert.equal(await on(sample), "os_2+2-1.efi");
  return sample;
}

const failedChecks = async ({ world }: Sample): Promise<readonly string[]> => {
  const { verdict, checks } = await assessBoot(session(world));
  const failed = checks.filter(({ required, state }) => required && state === "failed").map(({ name }) => name);
  assert.equal(verdict, failed.length === 0 ? "good" : "bad");
  return failed;
};

incident("E6", async () => {
  const sample = await onTrial();
  assert.deepEqual(await failedChecks(sample), []);
  // systemd-bless-boot said nothing and did nothing.
  const { blessing, because } = await confirmBoot(session(sample.world));
  assert.deepEqual([blessing, because.includes("os_2+2-1.efi still carries a counter")], ["still-counted", true]);
});

incident("E11", async () => {
  const sample = await onTrial();
  sample.world.tree.shift("/efi/EFI/Linux/os_2+2-1.efi", "/efi/EFI/Linux/os_2+3-0.efi");
  sample.world.variables.delete("LoaderBootCountPath");
  assert.deepEqual(await failedChecks(sample), ["boot-counting"]);
  assert.equal((await confirmBoot(session(sample.world))).blessing, "not-judged");
});

incident("E17", async () => {
  const { sample, named, newer } = loaderMachine(1);
  await on(sample);
  assert.deepEqual(await failedChecks(sample), []);
  const { loader } = await confirmBoot(session(sample.world));
  assert.deepEqual(
    loader.map(({ path, state }) => `${path} ${state}`),
    [`${named} updated`, "/efi/EFI/BOOT/BOOTX64.EFI waits"],
  );
  const found = sample.world.tree.peek(named, "medium");
  assert.ok(found !== undefined && found !== "unreadable" && found.equals(newer));
});

incident("E20", async () => {
  const sample = await onTrial();
  sample.world.tree.uproot("/usr/lib/systemd/import-pubring.pgp");
  assert.deepEqual(await failedChecks(sample), ["definitions"]);
  assert.equal((await rejectBoot(session(sample.world))).startsAgain, true);
});

incident("E25", async () => {
  const sample = await onTrial();
  const { world } = sample;
  const unit = "systemd-networkd-wait-online.service";
  const wanted = "/etc/greenboot/check/wanted.d/10-mirror.sh";
  world.tree.plant(wanted, "#!/bin/sh\n");
  Object.assign(world.options, {
    programs: {
      bash: () => ended(1, "no route\n"),
      systemctl: (args: readonly string[]) =>
        args[0] === "show"
          ? ended(0, `Id=${unit}\nAfter=\nBefore=network-online.target\n`)
          : ended(0, `${unit} loaded failed failed Wait for Network\n`),
    },
  });
  await saveFineUnits(session(world), { format: 1, atMs: 1, fine: [unit] });
  assert.deepEqual(await failedChecks(sample), []);
});

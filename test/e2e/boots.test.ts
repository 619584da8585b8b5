// The commands about boots, on the tree of a machine that is switched off: what can be told from it is told, and what
// belongs to a running machine is refused in a sentence. Boots themselves: test/boot, and src/agent/boot in the simulator.
import assert from "node:assert/strict";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { HealthReport, QuarantineLiftReport, QuarantineReport } from "../../src/wire/boot-reports.ts";
import type { DoctorReport, StatusReport } from "../../src/wire/reports.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { holdfast, json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
before(async () => {
  world = await World.create();
  [one, two] = await world.releases(["1", "2"]);
});
after(async () => world[Symbol.asyncDispose]());

const state = (scene: Scene, name: string): string => join(scene.machine.root, "var/lib/holdfast", name);

/** Version 2 was installed, and given up in boots that this tree remembers. */
async function fallen(): Promise<Scene> {
  const scene = await world.scene({ offered: [one, two], installed: [one] });
  await scene.expect(0, ["update"]);
  await rename(join(scene.machine.entries, "os_2+3-0.efi"), join(scene.machine.entries, "os_2+0-3.efi"));
  const text = "it failed the check 10-site.sh";
  await mkdir(state(scene, "quarantine"), { recursive: true });
  await mkdir(state(scene, "boot"), { recursive: true });
  await writeFile(
    state(scene, "quarantine/2.json"),
    JSON.stringify({ format: 1, version: "2", atMs: 1_790_000_000_000, evidence: "check", text }),
  );
  await writeFile(
    state(scene, "boot/fell-back.json"),
    JSON.stringify({
      format: 1,
      version: "2",
      to: "1",
      atMs: 1_790_000_000_000,
      evidence: "check",
      text,
      details: [],
    }),
  );
  await writeFile(
    state(scene, "boot/boots.json"),
    JSON.stringify({
      format: 1,
      boots: [
        { bootId: "b", atMs: 1_790_000_000_000, version: "1", entryId: "os_1.efi", counted: false, verdict: "good" },
      ],
    }),
  );
  return scene;
}

suite("A machine that fell back", { concurrency: 2 }, () => {
  test("says so in status and doctor, and update passes the version over", async () => {
    await using scene = await fallen();
    const status = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.deepEqual([status.boot?.verdict, status.boot?.version, status.fellBack?.version], ["good", "1", "2"]);
    assert.match(
      (await scene.expect(0, ["status"])).stdout,
      /\nGiven up {4}2, .* ago: it failed the check 10-site\.sh; it is in\n? *quarantine/,
    );
    const doctor = json(await scene.run(["doctor", "--json"])) as DoctorReport;
    assert.deepEqual(
      doctor.findings.filter(({ code }) => code === "fell-back").map(({ subject }) => subject),
      ["2"],
    );
    assert.match(
      (await scene.expect(3, ["update"])).stdout,
      /Version 2 is passed over: it failed the check 10-site\.sh/,
    );
  });

  test("lists the quarantine and lifts it; the version is tried again then", async () => {
    await using scene = await fallen();
    const list = json(await scene.expect(0, ["quarantine", "list", "--json"])) as QuarantineReport;
    assert.deepEqual(
      list.versions.map(({ version, evidence, installed }) => [version, evidence, installed]),
      [["2", "check", true]],
    );
    assert.match(
      (await scene.expect(0, ["quarantine", "list"])).stdout,
      /^VERSION .*\n2 .* check +installed +it failed/,
    );
    const lifted = json(await scene.expect(0, ["quarantine", "lift", "2", "--json"])) as QuarantineLiftReport;
    assert.deepEqual(lifted, { version: "2", installed: true });
    assert.equal((await scene.expect(0, ["quarantine", "list"])).stdout, "No version is in quarantine.\n");
    await scene.expect(0, ["update"]);
    assert.deepEqual((await readdir(scene.machine.entries)).toSorted(), ["os_1.efi", "os_2+3-1.efi"]);
    assert.match(
      reason(await scene.expect(1, ["quarantine", "lift", "2"])),
      /^Cannot lift the quarantine of version 2: it is not in quarantine/,
    );
  });
});

suite("Health of a tree", { concurrency: 2 }, () => {
  test("is what can be told without running anything of it", async () => {
    await using scene = await world.scene({ offered: [one], installed: [one] });
    const report = json(await scene.expect(0, ["health", "--json"])) as HealthReport;
    assert.deepEqual(
      report.checks.map(({ name, state: was }) => `${name} ${was}`),
      [
        "definitions passed",
        "installation skipped",
        "next-update passed",
        "boot-counting skipped",
        "system-units skipped",
      ],
    );
    assert.match((await scene.expect(0, ["health"])).stdout, /^Version 1 is healthy: every required check passed\.\n/);
  });

  const broken: readonly (readonly [what: string, change: (scene: Scene) => Promise<void>, check: string])[] = [
    ["without a keyring", (scene) => rm(join(scene.machine.root, "etc/systemd/import-pubring.pgp")), "definitions"],
    [
      "with a keyring that is none",
      (scene) => writeFile(join(scene.machine.root, "etc/systemd/import-pubring.pgp"), "<html>"),
      "definitions",
    ],
    [
      "with a definition that says nothing",
      (scene) => writeFile(join(scene.machine.definitions, "40-more.transfer"), "[Transfer]\n"),
      "definitions",
    ],
    [
      "with an image whose bytes changed since it was installed",
      async (scene) => {
        await scene.expect(0, ["update"]);
        await writeFile(join(scene.machine.root, "usr/lib/os-release"), "ID=os\nIMAGE_ID=os\nIMAGE_VERSION=2\n");
        await rm(join(scene.machine.system, "os_2.erofs"));
        await writeFile(join(scene.machine.system, "os_2.erofs"), "nothing of it");
      },
      "installation",
    ],
  ];
  for (const [what, change, check] of broken) {
    test(`is bad ${what}`, async () => {
      await using scene = await world.scene({ offered: [one, two], installed: [one] });
      await change(scene);
      const report = json(await scene.expect(7, ["health", "--json"])) as HealthReport;
      assert.equal(report.verdict, "bad");
      assert.ok(
        report.checks.some(({ name, state: was }) => name === check && was === "failed"),
        JSON.stringify(report.checks),
      );
    });
  }
});

suite("What belongs to a running machine", { concurrency: 2 }, () => {
  for (const [args, doing] of [
    [["boot", "assess"], "judge a boot"],
    [["boot", "confirm"], "confirm a boot"],
    [["boot", "reject"], "give up a boot"],
    [["boot", "give-back"], "give back the try of a boot"],
    [["try", "2"], "try version 2"],
    [["try", "--keep"], "keep a version"],
  ] as const) {
    test(`is refused on a tree: holdfast ${args.join(" ")}`, async () => {
      await using scene = await world.scene({ offered: [one], installed: [one] });
      const ended = await scene.expect(2, [...args]);
      assert.match(reason(ended), new RegExp(`^Cannot ${doing}: --root names a machine that is not the one we run on`));
    });
  }
});

test("what cannot be understood gets a sentence and exit code 2", async () => {
  for (const [args, sentence] of [
    [["boot", "bless"], 'Cannot read "bless" as an action'],
    [["boot"], "Cannot run `holdfast boot`: one of assess, confirm, give-back, reject is missing"],
    [["quarantine", "lift"], "Cannot run `holdfast quarantine lift`: VERSION is missing"],
    [["quarantine", "list", "2"], 'Cannot understand "2": `holdfast quarantine list` takes no version'],
    [["quarantine", "drop", "2"], 'Cannot read "drop" as an action'],
    [["try"], "Cannot run `holdfast try`: VERSION is missing"],
    [["try", "--keep", "--reboot"], "Cannot keep a version and reboot: the version to keep runs already"],
    [["try", "a/b"], 'Cannot read "a/b" as a version: it has characters no version has'],
    [["health", "--deadline", "soon"], 'Cannot read "soon" as a number of seconds'],
  ] as const) {
    const ended = await holdfast([...args, "--root", world.folder]);
    assert.deepEqual([ended.code, reason(ended)], [2, sentence], args.join(" "));
  }
});

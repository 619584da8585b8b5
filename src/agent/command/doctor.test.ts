import assert from "node:assert/strict";
import { test } from "node:test";
import type { SimWorld } from "../../sim/machine.ts";
import { repair, update } from "../../sim/scenario/commands.ts";
import { undefine } from "../../sim/scenario/sample-definitions.ts";
import { entryPath, imagePath, plantTools, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { doctorMachine } from "./doctor.ts";
import { statusReport } from "./status.ts";

test("an entry that a power cut took in the middle of its repair is brought in again: the record tells of it", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  await update(world.run().machine);
  world.tree.uproot("/efi/EFI/Linux/os_1.efi");
  await repair(world.run().machine);
  assert.ok(world.tree.namesIn("/efi/EFI/Linux").some((name) => name.startsWith("os_1")));
});

test("a repair for which every record is lost leaves an entry in place whose bytes are the ones on offer (P3)", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  await repair(world.run().machine);
  world.tree.corrupt(imagePath("1"), 5_000);
  const record = "/var/lib/holdfast/versions/1.json";
  const { machine, gate } = world.run([{ name: "open", subject: record, code: "no-permission", times: Infinity }]);
  const removed: string[] = [];
  gate.beforeCall = ({ name, subject }) => {
    if (name === "remove") removed.push(subject);
  };
  await repair(machine).catch(() => {});
  assert.ok(!removed.includes(entryPath("os_1.efi")), removed.join());
  gate.beforeCall = undefined;
  await repair(world.run().machine);
});

test("one reading that fails does not have a version given up that the repository could mend (P3)", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2"], offered: ["1", "2"] });
  await repair(world.run().machine);
  world.tree.uproot(imagePath("2"));
  for (const fault of [
    { name: "stat", subject: "/usr/lib/sysupdate.d/10-root.transfer", code: "no-permission" },
    { name: "fileSystem", subject: "/efi/EFI/Linux", code: "io-error" },
  ]) {
    const now = world.fork();
    await repair(now.run([fault]).machine);
    assert.ok(now.tree.peek(imagePath("2")) !== undefined, fault.name);
  }
});

test("a version that cannot be made whole goes with the entry that its repair brought in before it gave up (P2)", async () => {
  const sample = sampleMachine({
    seed: 1,
    layout: "files",
    installed: ["1"],
    offered: ["1", "2"],
    tools: "on",
    toolsIn: ["1", "2"],
  });
  const { world } = sample;
  plantTools(sample, "1");
  await update(world.run().machine);
  world.tree.plant("/etc/os-release", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=2\n");
  world.variables.set("LoaderEntrySelected", "os_2+3-0.efi");
  // A part that today's definitions do not list is gone, and a power cut took the entry.
  undefine(world, "15-tools");
  world.tree.uproot("/images/tools_1.img");
  world.tree.uproot(entryPath("os_1.efi"));
  await repair(world.run().machine);
  assert.deepEqual(
    world.tree.namesIn("/efi/EFI/Linux").filter((name) => name.startsWith("os_1")),
    [],
  );
});

const damaged = { seed: 1, layout: "files", installed: ["1", "2"], offered: ["1", "2"], running: "1" } as const;
const entriesOf2 = ({ tree }: SimWorld): readonly string[] =>
  tree.namesIn("/efi/EFI/Linux").filter((name) => name.startsWith("os_2"));

test("a version that cannot be repaired for want of its source leaves the menu and nothing else, and is an error (P1, P3)", async () => {
  for (const [path, offline] of [
    ["*", "no source answers"],
    ["/os/os_2.img", "the line breaks in the middle of the repair"],
  ] as const) {
    const { world } = sampleMachine(damaged);
    await repair(world.run().machine);
    world.tree.corrupt(imagePath("2"), 5_000);
    world.servers[0]?.plan({ path, fault: { kind: "no-answer", code: "refused" }, times: Infinity });
    const options = { deep: true, repair: true };
    for (const run of [1, 2]) {
      const report = await doctorMachine(sessionOn(world).session, options);
      assert.equal(report.healthy, false, offline);
      assert.deepEqual(
        report.findings.filter(({ code }) => code === "not-repaired").map(({ subject }) => subject),
        ["2"],
        offline,
      );
      assert.equal(report.repaired.length, run === 1 ? 1 : 0, offline);
      assert.deepEqual(entriesOf2(world), [], offline);
      assert.notEqual(world.tree.peek(imagePath("2")), undefined, offline);
      assert.notEqual(world.tree.peek("/var/lib/holdfast/versions/2.json"), undefined, offline);
      const { idleBecause } = await statusReport(sessionOn(world).session);
      assert.equal(idleBecause, "Version 2 is installed in part. Run: holdfast update", offline);
    }
    world.servers[0]?.heal();
    const report = await doctorMachine(sessionOn(world).session, options);
    assert.equal(report.healthy, true, offline);
    assert.deepEqual(report.repaired, ["Version 2 was damaged and is whole again."], offline);
    assert.equal(entriesOf2(world).length, 1, offline);
  }
});

test("a version that the repository was asked for and does not offer is removed, and the reason is said", async () => {
  const { world } = sampleMachine({ ...damaged, offered: ["1"] });
  world.tree.uproot(imagePath("2"));
  const { repaired, healthy } = await doctorMachine(sessionOn(world).session, { deep: false, repair: true });
  assert.deepEqual(repaired, [
    "Version 2 could not be repaired and was removed, its boot entry first: the repository does not offer it.",
  ]);
  assert.equal(healthy, true);
  assert.deepEqual(entriesOf2(world), []);
});

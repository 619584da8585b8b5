// Incidents of booting, on the simulated machine: the loader's model, real counters on a FAT volume, the real agent.
import assert from "node:assert/strict";
import { bootOnce, type BootOptions } from "../../src/sim/boot/boot-once.ts";
import { startOf } from "../../src/sim/check/starts.ts";
import { comesUp } from "../../src/sim/check/p6-comes-up.ts";
import type { PlannedFault } from "../../src/sim/fault-plan.ts";
import { doctorMachine } from "../../src/agent/command/doctor.ts";
import { rollbackMachine } from "../../src/agent/command/rollback.ts";
import { statusReport } from "../../src/agent/command/status.ts";
import { updateMachine } from "../../src/agent/command/update.ts";
import { entryPath, imagePath, type Sample, sampleMachine } from "../../src/sim/scenario/sample-machine.ts";
import { disk } from "../../src/sim/scenario/sample-parts.ts";
import { sessionOn, undecided } from "../../src/sim/scenario/session.fixture.ts";
import { incident } from "./incident.ts";

const machine = (
  installed: readonly string[],
  offered: readonly string[],
  layout: "files" | "slots" = "files",
): Sample => sampleMachine({ seed: 1, layout, installed, offered });

/** Switched on once; nobody judges the boot before the power goes again. */
async function bootOf({ truth, world }: Sample): Promise<string> {
  const options: BootOptions = {
    esp: "/efi",
    imageMissing: "reboot",
    start: (found, now) => startOf(truth, found, now, { limping: new Set() }),
  };
  const { kind, entry } = await bootOnce(world, options);
  return `${kind} ${entry?.fileName}`;
}

async function comesUpAndIsBlessed({ truth, world }: Sample): Promise<void> {
  assert.deepEqual(await comesUp(truth, world, new Set()), []);
  world.restart();
}

const update = async ({ world }: Sample, faults: readonly PlannedFault[] = []) => {
  const { session } = sessionOn(world, {}, faults);
  return updateMachine(session);
};
const entries = ({ world }: Sample): readonly string[] =>
  world.tree.namesIn("/efi/EFI/Linux").filter((name) => name.startsWith("os_"));

incident("E5", async () => {
  const sample = machine(["1"], ["1", "2"]);
  for (let cut = 0; cut < 10; cut++) assert.equal(await bootOf(sample), "up os_1.efi");
  await update(sample);
  await comesUpAndIsBlessed(sample);
  for (let cut = 0; cut < 10; cut++) assert.equal(await bootOf(sample), "up os_2.efi");
});

incident("E10", async () => {
  const sample = machine(["1"], ["1", "2"]);
  await update(sample);
  assert.deepEqual(undecided(sample.world), []);
});

incident("E12", async () => {
  const sample = machine(["1"], ["1", "2"]);
  await update(sample);
  await comesUpAndIsBlessed(sample);
  sample.world.tree.plant(imagePath("2"), new Uint8Array());
  const { findings } = await doctorMachine(sessionOn(sample.world).session, { deep: false, repair: false });
  assert.ok(
    findings.some(({ severity }) => severity === "error"),
    JSON.stringify(findings),
  );
  assert.equal((await update(sample)).outcome, "done");
  assert.equal(await bootOf(sample), "up os_2.efi");
});

incident("E19", async () => {
  const sample = machine(["1"], ["1", "2"]);
  await update(sample);
  await comesUpAndIsBlessed(sample);
  const later = machine(["1"], ["1", "2", "3"]);
  sample.world.serve(later.world.servers);
  const both = { world: sample.world, truth: later.truth };
  assert.equal((await update(both)).wayBack, "2");
  sample.world.tree.uproot(imagePath("3"));
  assert.equal(await bootOf(both), "up os_2.efi");
});

incident("E24", async () => {
  const sample = machine(["1"], ["1", "2"]);
  await update(sample);
  sample.world.tree.uproot(imagePath("2"));
  for (let boot = 0; boot < 6; boot++) assert.equal(await bootOf(sample), "up os_1.efi", `boot ${boot}`);
  const { bootsNext } = await statusReport(sessionOn(sample.world).session);
  assert.equal(bootsNext, "1");
});

incident("E26", async () => {
  const sample = machine(["1"], ["1", "2"]);
  await update(sample);
  await comesUpAndIsBlessed(sample);
  // The rename that is to pass over 2 is reported as done, and is not there when somebody looks.
  sample.world.variables.set("LoaderEntryDefault", "os_2*");
  const { session } = sessionOn(sample.world, {}, [{ port: "loader", code: "io-error", times: 99 }]);
  const told = await rollbackMachine(session, { version: "1" }).then(
    ({ bootsNext }) => bootsNext,
    (error: unknown) => String(error),
  );
  assert.match(told ?? "", /Cannot/);
  assert.equal(await bootOf(sample), "up os_2.efi");
});

incident("E27", async () => {
  const sample = machine(["1", "2"], ["1", "2", "3"]);
  const faults = [{ port: "disk", name: "remove", subject: imagePath("1"), code: "io-error" }] as const;
  await assert.rejects(update(sample, faults), {
    message: /^Cannot remove version 1: /,
    hint: /^Version 3 is installed and proven all the same; what is left to do comes with the next update\./,
  });
  const { bootsNext } = await statusReport(sessionOn(sample.world).session);
  assert.equal(bootsNext, "3");
  assert.equal((await update(sample)).bootsNext, "3");
  assert.equal(sample.world.tree.peek(imagePath("1")), undefined);
});

incident("E38", async () => {
  const sample = machine(["1"], ["1", "2"], "slots");
  await update(sample);
  await comesUpAndIsBlessed(sample);
  const { devices } = sample.world;
  const slot = devices.table(disk)?.partitions.find(({ label }) => label === "os_2");
  const content = slot === undefined ? undefined : devices.content(disk, slot.number, "medium");
  assert.ok(slot !== undefined && content !== undefined);
  devices.plant(disk, slot.number, content.slice(0, 19_999).resized(content.sizeBytes));
  const { findings } = await doctorMachine(sessionOn(sample.world).session, { deep: true, repair: false });
  assert.ok(
    findings.some(({ code }) => code === "image-damaged"),
    JSON.stringify(findings),
  );
});

for (const outcome of ["old", "new", "both", "neither"] as const)
  incident(
    outcome === "both" ? "E8" : "E9",
    async () => {
      const sample = machine(["1", "2"], ["1", "2"]);
      const { world } = sample;
      const path = entryPath("os_2.efi");
      await world.run().machine.disk.rename(path, entryPath("os_2+0-3.efi"));
      const dimensions = world.crashDimensions();
      const seen = new Set<string>();
      for (const picks of everyPick(dimensions.map(({ options }) => options.length))) {
        const after = { ...sample, world: world.afterCrash(picks) };
        const names = entries(after).filter((name) => name.startsWith("os_2"));
        const kind =
          names.length === 2 ? "both" : names[0] === undefined ? "neither" : names[0] === "os_2.efi" ? "old" : "new";
        seen.add(kind);
        if (kind !== outcome) continue;
        assert.match(await bootOf(after), /^up /);
        await update(after);
        assert.deepEqual(undecided(after.world), []);
        assert.match(entries(after).join(" "), /^os_1\.efi os_2(\+\d+-\d+)?\.efi$/);
        const { findings } = await doctorMachine(sessionOn(after.world).session, { deep: true, repair: false });
        assert.deepEqual(
          findings.filter(({ severity }) => severity === "error"),
          [],
        );
      }
      assert.ok(seen.has(outcome), `a crash never left ${outcome} of the names: ${[...seen].join()}`);
    },
    { side: `${outcome} of the names ${outcome === "both" ? "are" : "is"} left` },
  );

function everyPick(sizes: readonly number[]): readonly (readonly number[])[] {
  return sizes.reduce<readonly (readonly number[])[]>(
    (all, size) => all.flatMap((picks) => Array.from({ length: size }, (_, pick) => [...picks, pick])),
    [[]],
  );
}

incident("E39", async () => {
  const sample = machine(["1"], ["1", "2"]);
  // The loader wrote its random seed, and the power went: the volume was never cleanly unmounted.
  const { machine: ports } = sample.world.run();
  const file = await ports.disk.open("/efi/loader/random-seed", "create");
  await file.write(0, new Uint8Array(32).fill(5));
  await file[Symbol.asyncDispose]();
  const cut = sample.world.afterCrash(sample.world.crashDimensions().map(() => 0));
  const after = { ...sample, world: cut };
  assert.equal((await update(after)).outcome, "done");
  assert.equal(await bootOf(after), "up os_2+2-1.efi");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { bootableAndNext } from "../../sim/check/p5-bootable-and-next.ts";
import { SimCrash } from "../../sim/call-gate.ts";
import { bothNames } from "../../sim/scenario/cut-off.ts";
import { update, updateTo } from "../../sim/scenario/commands.ts";
import { booted, did, sampleOf } from "../../sim/scenario/listed.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "./update.ts";

const folder = "/efi/EFI/Linux";

test("an older version that a person names boots next, on trial", async () => {
  const { world } = sampleOf(1, "files", ["2"], ["1", "2"]);
  const report = await updateMachine(sessionOn(world).session, { version: "1" });
  assert.deepEqual([report.outcome, report.bootsNext], ["done", "1"]);
  assert.deepEqual(world.tree.namesIn(folder), ["os_1+3-0.efi", "os_2+0-0.efi", "readme.txt"]);
  const again = await updateMachine(sessionOn(world).session, { version: "1" });
  assert.equal(again.bootsNext, "1");
  assert.deepEqual(world.tree.namesIn(folder), ["os_1+3-0.efi", "os_2+0-0.efi", "readme.txt"]);
});

test("the version that runs boots next again when a person names it", async () => {
  const { world } = sampleOf(1, "files", ["1"], ["1", "2"]);
  await update(world.run().machine);
  await updateTo("1")(world.run().machine);
  assert.deepEqual(world.tree.namesIn(folder), ["os_1.efi", "os_2+0-0.efi", "readme.txt"]);
});

test("a version that is passed over stays so when the power went between its two names", async () => {
  const sample = sampleOf(1, "files", ["1"], ["1", "2"]);
  await did(update)(sample);
  await booted(sample);
  const { machine, gate } = sample.world.run();
  gate.beforeCall = (call): void => {
    if (call.name === "remove" && call.subject === `${folder}/os_2.efi`) throw new SimCrash(call);
  };
  await assert.rejects(updateTo("1")(machine), SimCrash);
  const after = sample.world.afterCrash(sample.world.crashDimensions().map(bothNames));
  assert.deepEqual(after.tree.namesIn(folder).slice(1, 3), ["os_2+0-0.efi", "os_2.efi"]);
  await updateTo("1")(after.run().machine);
  assert.deepEqual(after.tree.namesIn(folder), ["os_1.efi", "os_2+0-0.efi", "readme.txt"]);
});

test("a download that fails leaves no doubt about the ESP", async () => {
  const { world } = sampleOf(1, "files", ["1"], ["1", "2"]);
  world.servers[0]?.plan({ path: "/os/os_2.img", fault: { kind: "flip", at: 10_000 }, times: 99 });
  await assert.rejects(update(world.run().machine), { code: "digest-mismatch" });
  assert.ok(!world.tree.namesIn("/var/lib/holdfast").includes("esp-open.json"));
});

test("no single byte of an entry that is read wrong passes for the named version booting next (P5)", async () => {
  for (const installed of [["2"], ["1", "2"]]) {
    const sample = sampleOf(1, "files", installed, ["1", "2"]);
    for (let after = 0; after < 40; after++) {
      const world = sample.world.fork();
      const wrong = { port: "disk", name: "read", subject: `${folder}/os_2.efi`, after, code: "io-error" } as const;
      const { session } = sessionOn(world, {}, [{ ...wrong, instead: "wrong-byte" }]);
      // To give up is right as well: nothing is promised then.
      const outcome = await updateMachine(session, { version: "1" }).then(
        (report) => report.outcome,
        (error: unknown) => (error instanceof Fault ? undefined : assert.fail(String(error))),
      );
      if (outcome === "done") assert.deepEqual(await bootableAndNext(sample.truth, world, "1"), [], `reading ${after}`);
    }
  }
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { sampleOf } from "../../sim/scenario/listed.ts";
import { cleanUp } from "../command/cleanup.ts";
import { doctorMachine } from "../command/doctor.ts";
import { holdUpdates, pinVersion, unpinVersion } from "../command/pins.ts";
import { rollbackMachine } from "../command/rollback.ts";
import { statusReport } from "../command/status.ts";
import { updateMachine } from "../command/update.ts";
import { vacuumMachine } from "../command/vacuum.ts";
import type { Session } from "../session.ts";

const commands: readonly (readonly [name: string, run: (session: Session) => Promise<unknown>])[] = [
  ["status", statusReport],
  ["update", (session) => updateMachine(session)],
  ["vacuum", (session) => vacuumMachine(session)],
  ["doctor --repair", (session) => doctorMachine(session, { deep: false, repair: true })],
  ["rollback", (session) => rollbackMachine(session)],
  ["pin", (session) => pinVersion(session, "1")],
  ["unpin", (session) => unpinVersion(session, "1")],
  ["hold", (session) => holdUpdates(session, undefined)],
];

for (const [name, run] of commands) {
  test(`${name} in a folder that is no machine's root makes nothing there`, async () => {
    const world = bareWorld({ "/notes.txt": "" });
    const before = world.tree.namesIn("/");
    await assert.rejects(run(sessionOn(world, { live: false }).session), {
      code: "no-machine",
      kind: "usage",
      message: "Cannot use the folder of --root: it has neither /etc nor /usr, so it is no machine's root",
    });
    assert.deepEqual(world.tree.namesIn("/"), before);
  });

  if (["hold", "unpin"].includes(name)) continue;
  test(`${name} on a machine without definitions keeps nothing there`, async () => {
    const world = bareWorld({ "/usr/lib/os-release": "ID=os\n" });
    const before = world.tree.namesIn("/");
    await assert.rejects(run(sessionOn(world).session), { code: "no-definitions" });
    assert.deepEqual(world.tree.namesIn("/"), before);
  });
}

test("cleaning up needs a machine, and no definitions", async () => {
  const { session } = sessionOn(bareWorld(), { live: false });
  await assert.rejects(cleanUp(session, { all: false }), { code: "no-machine" });
  const { session: own } = sessionOn(bareWorld({ "/usr/lib/os-release": "ID=os\n" }));
  assert.deepEqual((await cleanUp(own, { all: false })).removed, []);
});

test("folders that are looked for below --root are said to be", async () => {
  const { world } = sampleOf(1, "files", ["1"], ["2"]);
  const from = "/stick";
  await assert.rejects(updateMachine(sessionOn(world, { live: false, from }).session), {
    message: "Cannot use /stick: there is no such folder",
    hint: "Mount it first, or name another. With --root, every folder is looked for below that one.",
  });
  await assert.rejects(statusReport(sessionOn(world, { live: false, definitionsFolder: "/defs" }).session), {
    message: "Cannot find definitions: there are none in /defs",
    hint: "Write *.transfer files there as sysupdate.d(5) describes them, or name their folder with --definitions. With --root, every folder is looked for below that one.",
  });
});

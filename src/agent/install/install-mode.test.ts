import assert from "node:assert/strict";
import { test } from "node:test";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "../command/update.ts";

/** Updates from 1 to 2 while setting a mode fails on files whose path begins with `folder`. */
async function updated(folder: string): Promise<string> {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const fault = { name: "setMode", subject: `${folder}/*`, code: "no-permission" };
  const { session } = sessionOn(world, {}, [fault]);
  return updateMachine(session).then(
    ({ outcome }) => outcome,
    (error: unknown) => String(error),
  );
}

test("Mode= is set where there are modes, and never on FAT, where it could stop the loader from counting", async () => {
  assert.match(await updated("/images"), /Cannot set the mode of/);
  assert.equal(await updated("/efi"), "done");
});

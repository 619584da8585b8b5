import assert from "node:assert/strict";
import { test } from "node:test";
import { htmlPage } from "../../sim/http/sim-server.ts";
import { entryPath, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { origin } from "../../sim/scenario/sample-repository.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { vacuumMachine } from "../command/vacuum.ts";

test("what a server says about the size of an image condemns no partition (P3)", async () => {
  const sample = sampleMachine({
    seed: 1,
    layout: "slots",
    slots: 3,
    installed: ["1", "2", "3"],
    offered: ["1", "2", "3"],
  });
  const { session } = sessionOn(sample.world, {}, [
    {
      port: "http",
      name: "request",
      subject: `${origin}/os/os_2.img`,
      times: 99,
      code: "",
      instead: { server: htmlPage },
    },
  ]);
  const { removed } = await vacuumMachine(session);
  assert.deepEqual(
    removed.filter(({ version }) => version !== "1"),
    [],
  );
  assert.notEqual(sample.world.tree.peek(entryPath("os_2.efi")), undefined);
});

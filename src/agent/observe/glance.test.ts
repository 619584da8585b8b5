import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { glance } from "./glance.ts";

const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });

test("what is asked twice within one look is answered once, and a new look asks anew", async () => {
  const here = world.fork();
  const { session, gate } = sessionOn(here);
  const { disk } = glance(session).machine;
  const [first, second] = [await disk.list("/images"), await disk.list("/images")];
  assert.deepEqual([first, second, gate.calls], [first, first, 1]);
  here.tree.plant("/images/more", "");
  assert.equal((await disk.list("/images")).length, first.length);
  assert.equal((await glance(session).machine.disk.list("/images")).length, first.length + 1);
});

test("that something is absent is asked once, what fails in another way again", async () => {
  const broken = { port: "disk", name: "list", subject: "/images", code: "io-error" };
  const { session, gate } = sessionOn(world.fork(), {}, [broken]);
  const { disk } = glance(session).machine;
  const codeOf = (error: unknown): unknown => (error instanceof Fault ? error.code : error);
  assert.equal(await disk.list("/nowhere").catch(codeOf), "not-found");
  assert.equal(await disk.list("/nowhere").catch(codeOf), "not-found");
  assert.equal(gate.calls, 1);
  assert.equal(await disk.list("/images").catch(codeOf), "io-error");
  assert.ok(Array.isArray(await disk.list("/images")));
});

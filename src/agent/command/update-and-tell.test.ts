import assert from "node:assert/strict";
import { test } from "node:test";
import type { Settings } from "../session.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { type SimRun, SimWorld } from "../../sim/machine.ts";
import type { UpdateOptions } from "./update.ts";
import { updateAndTell } from "./update-and-tell.ts";

/** The same machine, where whoever starts an update wants everyone told. */
function forced(world: SimWorld): SimWorld {
  return new SimWorld({ ...world.options, environment: { SYSTEMD_SYSUPDATE_FORCE_NOTIFY: "1" } }, world);
}

async function run(
  { machine }: SimRun,
  options: UpdateOptions = {},
  settings: Partial<Settings> = {},
): Promise<string> {
  const session = { machine, settings: { live: true, ...settings }, signal: new AbortController().signal };
  return (await updateAndTell(session, options)).outcome;
}

test("a completed update is told once, with what came and where it lies; nothing new is not told", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const first = world.run();
  assert.equal(await run(first), "done");
  const [update, ...more] = first.subscribers.heard;
  assert.equal(update?.version, "2");
  assert.ok(update?.resources.every(({ path }) => world.tree.peek(path ?? "") !== undefined));
  assert.deepEqual(
    update?.resources.map(({ transfer }) => transfer),
    ["10-root", "20-uki"],
  );
  assert.deepEqual([Object.hasOwn(update ?? {}, "component"), more], [false, []]);
  const second = world.run();
  await run(second);
  assert.deepEqual(second.subscribers.heard, []);
});

test("a plan, a download and the tree of another machine are told to nobody, also where that is forced", async () => {
  const quiet: readonly (readonly [UpdateOptions, Partial<Settings>])[] = [
    [{ dryRun: true }, {}],
    [{ acquireOnly: true }, {}],
    [{}, { live: false }],
  ];
  for (const [options, settings] of quiet) {
    const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
    const here = forced(world).run();
    await run(here, options, settings);
    assert.deepEqual(here.subscribers.heard, []);
  }
});

test("where it is forced, it is told also when there was nothing to do", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1"] });
  const here = forced(world).run();
  assert.equal(await run(here), "nothing-to-do");
  assert.deepEqual(here.subscribers.heard, [undefined]);
});

test("who could not be told is a warning, and the update is done", async () => {
  const { world } = sampleMachine({ seed: 1, layout: "files", installed: ["1"], offered: ["1", "2"] });
  const here = world.run();
  here.subscribers.problems = ["Cannot tell it: no"];
  assert.equal(await run(here), "done");
  assert.deepEqual(here.progress.events.at(-1), { kind: "warning", text: "Cannot tell it: no" });
});

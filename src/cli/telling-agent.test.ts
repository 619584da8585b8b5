import assert from "node:assert/strict";
import { test } from "node:test";
import type { Session, Settings } from "../agent/session.ts";
import { Fault } from "../base/fault.ts";
import { noticePath } from "../agent/standing/show.ts";
import type { SimWorld } from "../sim/machine.ts";
import { bareWorld, sessionOn } from "../sim/scenario/session.fixture.ts";
import type { Agent } from "./agent.ts";
import { sampleStatus, sampleUpdate } from "./sample-reports.ts";
import { runSample } from "./sample-world.ts";
import { tellingAgent } from "./telling-agent.ts";

const counters = "/var/lib/holdfast/counters.json";

function agentOf(update: (session: Session) => Promise<void>): Agent {
  return tellingAgent({
    status: async () => sampleStatus,
    update: async (session: Session) => {
      await update(session);
      return sampleUpdate;
    },
  } as unknown as Agent);
}

function shown(world: SimWorld): readonly boolean[] {
  return [noticePath, counters].map((path) => world.tree.peek(path) !== undefined);
}

async function tell(session: Session): Promise<void> {
  await session.machine.herald.tell({ event: "updated", text: "done", bytes: 5 });
}

test("after a deed it is shown how the machine stands, and what was told is counted and passed on", async () => {
  const world = bareWorld();
  const { session, herald } = sessionOn(world);
  assert.equal(await agentOf(tell).update(session, {}), sampleUpdate);
  assert.deepEqual(shown(world), [true, true]);
  assert.deepEqual(
    herald.news.map(({ event }) => event),
    ["updated"],
  );
});

test("what failed is shown too, and stays the failure that it was", async () => {
  const world = bareWorld();
  const failure = new Fault("no-answer", "Cannot reach the server");
  const agent = agentOf(() => Promise.reject(failure));
  await assert.rejects(agent.update(sessionOn(world).session, {}), (error) => error === failure);
  assert.deepEqual(shown(world), [true, false]);
});

test("what keeps the status from being told is told once, by the command", async () => {
  const { session, progress } = sessionOn(bareWorld());
  const failure = new Fault("no-boot-folder", "Cannot find the ESP", { kind: "refused" });
  const fails = (): Promise<never> => Promise.reject(failure);
  const agent = tellingAgent({ status: fails, update: fails } as unknown as Agent);
  await assert.rejects(agent.update(session, {}), (error) => error === failure);
  assert.deepEqual(progress.events, []);
});

const never: Readonly<Record<string, readonly [Partial<Settings>, (world: SimWorld) => Promise<unknown>]>> = {
  "the machine is not the one that runs": [{ live: false }, async () => undefined],
  "a component is meant": [{ component: "extra" }, async () => undefined],
  "another one is at work": [{}, () => Promise.reject(new Fault("busy", "Cannot update", { kind: "busy" }))],
  "the command line makes no sense": [{}, () => Promise.reject(new Fault("usage", "Cannot", { kind: "usage" }))],
  "it is a bug": [{}, () => Promise.reject(new Error("Assertion failed"))],
};

for (const [why, [settings, deed]] of Object.entries(never)) {
  test(`nothing is shown where ${why}`, async () => {
    const world = bareWorld();
    const agent = agentOf(async () => void (await deed(world)));
    await agent.update(sessionOn(world, settings).session, {}).catch(() => undefined);
    assert.deepEqual(shown(world), [false, false]);
  });
}

test("nothing is shown of a plan, of an interrupted command, and by whoever may not write", async () => {
  const world = bareWorld();
  const { session, abort, machine } = sessionOn(world);
  await agentOf(tell).update(session, { dryRun: true });
  const user = { ...session, machine: { ...machine, process: { ...machine.process, isRoot: false } } };
  await agentOf(tell).update(user, {});
  const agent = agentOf(async () => {
    abort();
    throw new Fault("interrupted", "Cannot go on", { kind: "interrupted" });
  });
  await assert.rejects(agent.update(session, {}));
  assert.deepEqual(shown(world), [false, false]);
});

test("notify tells each thing once, in the folder of who calls", async () => {
  const world = bareWorld();
  const notice = { id: "available 2", kind: "available", version: "2", summary: "Two", body: "Here." };
  world.tree.plant(noticePath, JSON.stringify({ format: 1, atMs: 1, notices: [notice] }));
  const { machine } = sessionOn(world);
  const run = (env: Readonly<Record<string, string>>, noDesktop = false): ReturnType<typeof runSample> =>
    runSample(["notify"], { machine, env, noDesktop });
  assert.equal((await run({ HOME: "/srv/ada" }, true)).exitCode, 1);
  const first = await run({ HOME: "/srv/ada" });
  assert.deepEqual([first.exitCode, first.stdout], [0, "Two. Here.\n"]);
  assert.deepEqual(first.announced, [{ summary: "Two", body: "Here.", urgent: false }]);
  const second = await run({ HOME: "/srv/ada" });
  assert.deepEqual([second.exitCode, second.stdout], [3, "Everything was told already.\n"]);
  assert.equal((await run({ HOME: "/srv/ada", XDG_STATE_HOME: "/srv/ada/state" })).announced.length, 1);
  assert.equal((await run({})).exitCode, 2);
  assert.deepEqual(
    ["/srv/ada/.local/state", "/srv/ada/state"].map((folder) => world.tree.namesIn(`${folder}/holdfast`)),
    [["told.json"], ["told.json"]],
  );
});

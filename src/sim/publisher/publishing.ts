// Scenarios of publishing: power cut, or a call that fails, anywhere in add, commit, withdraw and prune.
import { addRelease } from "../../publish/add.ts";
import { commitStaged } from "../../publish/commit.ts";
import { initRepository } from "../../publish/init.ts";
import { pruneRepository } from "../../publish/prune.ts";
import type { Publisher } from "../../publish/publisher.ts";
import { withdrawRelease } from "../../publish/withdraw.ts";
import { Fault } from "../../base/fault.ts";
import type { Machine } from "../../port/machine.ts";
import type { Scenario } from "../explore.ts";
import type { SimWorld } from "../machine.ts";
import { checkPublished, readAsClient, type Told } from "./check-repository.ts";
import { together } from "../scenario/interleaved.ts";
import type { Listed } from "../scenario/listed.ts";
import { contentsOf, folder, publisherWorld, releaseIn, settings } from "./sample-publisher.ts";

type Command = (publisher: Publisher) => Promise<unknown>;

const on = (machine: Machine): Publisher => ({
  machine,
  folder,
  signal: new AbortController().signal,
  lockWaitMs: 3_600_000,
});

/** Few and large chunks: each costs a dozen calls. */
const sample = { ...settings, chunks: { min: 4096, avg: 8192, max: 16_384 } };

const deltaImageBytes = 70_000;

const init: Command = (publisher) => initRepository(publisher, sample);
const commit: Command = (publisher) => commitStaged(publisher, false);
const withdraw =
  (version: string): Command =>
  (publisher) =>
    withdrawRelease(publisher, version);
const prune =
  (keep: number, graceDays: number): Command =>
  (publisher) =>
    pruneRepository(publisher, { keep, graceDays });
/** Its files are put into the world at once, so that every fork has them. */
function add(world: SimWorld, version: string, imageBytes?: number): Command {
  const request = releaseIn(world, version, contentsOf(version, imageBytes));
  return (publisher) => addRelease(publisher, request);
}

/** A second run may find that nothing is left to do. */
const unless =
  (codes: readonly string[], command: Command): Command =>
  async (publisher) => {
    try {
      await command(publisher);
    } catch (error) {
      if (!(error instanceof Fault && codes.includes(error.code))) throw error;
    }
  };

async function published(...versions: readonly string[]): Promise<SimWorld> {
  const world = publisherWorld();
  const publisher = (): Publisher => on(world.run().machine);
  await init(publisher());
  for (const version of versions) {
    await add(world, version)(publisher());
    await commit(publisher());
  }
  world.restart();
  return world;
}

/** Of releases large enough for deltas, and without chunks. */
async function publishedWithDeltas(): Promise<SimWorld> {
  const world = publisherWorld();
  const publisher = (): Publisher => on(world.run().machine);
  const { chunks: _, ...withoutChunks } = sample;
  await initRepository(publisher(), withoutChunks);
  await add(world, "1", deltaImageBytes)(publisher());
  await commit(publisher());
  await add(world, "2", deltaImageBytes)(publisher());
  world.restart();
  return world;
}

/** The same version with other bytes, from another publisher's folder. */
function addOther(world: SimWorld, version: string): Command {
  const { files, ...request } = releaseIn(world, version, contentsOf(version, 30_000), "/other");
  return (publisher) => addRelease(publisher, { ...request, files });
}

/** Two programs on one machine, in an order that belongs to the seed. */
const atOnce =
  (seed: number, ...commands: readonly Command[]): Command =>
  ({ machine }) =>
    together(
      seed,
      ...commands.map((command) => async (own: Machine): Promise<void> => {
        await command(on(own));
      }),
    )(machine);

const inTurn =
  (...commands: readonly Command[]): Command =>
  async (publisher) => {
    for (const command of commands) await command(publisher);
  };

interface Plan {
  readonly world: SimWorld;
  readonly work: Command;
  readonly again: Command;
  readonly before: Told;
  readonly after: Told;
  readonly staged?: readonly string[];
  readonly mayBeAbsent?: boolean;
  /** What it may have come to where nothing disturbed it, besides `after`. */
  readonly orElse?: Told;
  /** What `again` may have come to besides, since it finds more or less of the work done. */
  readonly orAgain?: Told;
  /** What it has come to where nothing disturbed it, and `again` has not run: another command comes after it. */
  readonly undisturbed?: { readonly told: Told; readonly staged: readonly string[] };
}

/** The problems of the alternative that has fewest. */
async function oneOf(
  now: SimWorld,
  alternatives: readonly Told[],
  staged: readonly string[],
): Promise<readonly string[]> {
  let fewest: readonly string[] | undefined;
  for (const told of alternatives) {
    const problems = await checkPublished(now, told, staged);
    if (problems.length === 0) return [];
    if (fewest === undefined || problems.length < fewest.length) fewest = problems;
  }
  return fewest ?? [];
}

function scenarioOf(name: string, plan: Plan): Scenario {
  const { world, work, again, before, after, staged = [], mayBeAbsent = false, orElse, orAgain, undisturbed } = plan;
  const recovered = [after, ...(orAgain === undefined ? [] : [orAgain])];
  const then = undisturbed ?? { told: after, staged };
  const worked = [then.told, ...(orElse === undefined ? [] : [orElse])];
  const done = (now: SimWorld): Promise<readonly string[]> => oneOf(now, recovered, staged);
  const doneAtOnce = (now: SimWorld): Promise<readonly string[]> => oneOf(now, worked, then.staged);
  return {
    name,
    world,
    work: async (machine) => {
      await work(on(machine));
    },
    recover: async (machine) => {
      await again(on(machine));
    },
    check: (now) => readAsClient(now, [before, ...recovered, ...worked], mayBeAbsent),
    checkDone: done,
    checkLasting: done,
    afterWork: { checkDone: doneAtOnce, checkLasting: doneAtOnce },
    settles: orElse === undefined && undisturbed === undefined,
  };
}

function publishes(what: string, plan: () => Promise<Plan>): Listed {
  const name = `publishing: ${what}`;
  return { name, make: async () => scenarioOf(name, await plan()) };
}

const offered = (...versions: readonly string[]): Told => versions.map((version) => `${version} offered`);

/** 1 is published, and 2 staged. */
async function withStaged(): Promise<SimWorld> {
  const world = await published("1");
  await add(world, "2")(on(world.run().machine));
  world.restart();
  return world;
}

const alone: readonly Listed[] = [
  publishes("init", async () => ({
    world: publisherWorld(),
    work: init,
    again: unless(["repository-exists"], init),
    before: [],
    after: [],
    mayBeAbsent: true,
  })),
  publishes("add", async () => {
    const world = await published("1");
    return {
      world,
      work: add(world, "2"),
      again: add(world, "2"),
      before: offered("1"),
      after: offered("1"),
      staged: ["2"],
    };
  }),
  publishes("commit", async () => ({
    world: await withStaged(),
    work: commit,
    again: unless(["nothing-staged"], commit),
    before: offered("1"),
    after: offered("1", "2"),
  })),
  publishes("commit of a delta", async () => ({
    world: await publishedWithDeltas(),
    work: commit,
    again: unless(["nothing-staged"], commit),
    before: offered("1"),
    after: offered("1", "2"),
  })),
  publishes("add of a delta", async () => {
    const world = await publishedWithDeltas();
    const addAgain = add(world, "2", deltaImageBytes);
    return {
      world,
      work: inTurn(withdraw("2"), addAgain),
      again: inTurn(unless(["no-such-release"], withdraw("2")), addAgain),
      before: offered("1"),
      after: offered("1"),
      staged: ["2"],
    };
  }),
  publishes("withdraw", async () => ({
    world: await published("1", "2"),
    work: withdraw("2"),
    again: unless(["withdrawn-already"], withdraw("2")),
    before: offered("1", "2"),
    after: ["1 offered", "2 withdrawn"],
  })),
  publishes("withdraw what is staged", async () => ({
    world: await withStaged(),
    work: withdraw("2"),
    again: unless(["no-such-release"], withdraw("2")),
    before: offered("1"),
    after: offered("1"),
  })),
  publishes("withdraw what is staged, then add it again", async () => {
    const world = await withStaged();
    return {
      world,
      work: withdraw("2"),
      again: add(world, "2"),
      before: offered("1"),
      after: offered("1"),
      staged: ["2"],
      undisturbed: { told: offered("1"), staged: [] },
    };
  }),
  publishes("commit, then withdraw", async () => ({
    world: await withStaged(),
    work: commit,
    again: withdraw("2"),
    before: offered("1"),
    after: offered("1"),
    orAgain: ["1 offered", "2 withdrawn"],
    undisturbed: { told: offered("1", "2"), staged: [] },
  })),
  publishes("commit, then prune, then commit", async () => ({
    world: await withStaged(),
    work: commit,
    again: inTurn(prune(1, 0), unless(["nothing-staged"], commit)),
    before: offered("1"),
    after: offered("1", "2"),
    // It was out, and the older one went.
    orAgain: offered("2"),
    undisturbed: { told: offered("1", "2"), staged: [] },
  })),
  publishes("prune, at once", async () => {
    const world = await published("1", "2", "3");
    await withdraw("2")(on(world.run().machine));
    world.restart();
    return {
      world,
      work: prune(1, 0),
      again: prune(1, 0),
      before: ["1 offered", "2 withdrawn", "3 offered"],
      after: offered("3"),
    };
  }),
  publishes("prune, with a grace", async () => ({
    world: await published("1", "2"),
    work: prune(1, 7),
    again: prune(1, 7),
    before: offered("1", "2"),
    after: offered("2"),
  })),
];

const concurrent: readonly Listed[] = [1, 2].flatMap((order) => [
  publishes(`two add other bytes under one version (order ${order})`, async () => {
    const world = await published("1");
    const both = unless(["already-staged", "busy"], add(world, "2"));
    const other = unless(["already-staged", "busy"], addOther(world, "2"));
    return {
      world,
      work: atOnce(order, both, other),
      again: inTurn(both, other),
      before: offered("1"),
      after: offered("1"),
      staged: ["2"],
    };
  }),
  publishes(`commit and prune at once (order ${order})`, async () => {
    const commitAny = unless(["nothing-staged"], commit);
    return {
      world: await withStaged(),
      work: atOnce(order, commitAny, prune(1, 0)),
      again: inTurn(commitAny, prune(1, 0)),
      before: offered("1"),
      after: offered("2"),
      orElse: offered("1", "2"),
    };
  }),
]);

export const publishing: readonly Listed[] = [...alone, ...concurrent];

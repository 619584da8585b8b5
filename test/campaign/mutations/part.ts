// The simulator is itself tested: each flush, look, comparison, order and refusal of the executor is removed, one at a
// time, while the product is loaded, and a simulated world has to notice (issue 3).
import type { Findings, Part, PartOptions, Table } from "../part.ts";
import { findings, hunt, type Hunt, type Outcome } from "./hunt.ts";
import { removals } from "./list.ts";
import type { Removal, RemovalKind } from "./removal.ts";
import { ownScenarios, scenarios } from "./scenarios.ts";

const childrenAtOnce = 2;
/** For one removal: a few dozen scenarios on a quiet machine. */
const secondsMax = 60;
const kinds: readonly (readonly [RemovalKind, string])[] = [
  ["flush", "flushes"],
  ["read-back", "looks and read-backs"],
  ["comparison", "comparisons"],
  ["order", "orders of steps"],
  ["refusal", "refusals"],
  ["memory", "facts remembered"],
];

/** A share of the list that moves on with the seed; all of it from `scale` 1 on. */
export function chosen<T>(list: readonly T[], seed: number, scale: number): readonly T[] {
  const count = Math.max(1, Math.min(list.length, Math.round(list.length * scale)));
  const start = (seed * count) % list.length;
  return Array.from({ length: count }, (_, index) => list[(start + index) % list.length] as T);
}

/** Looks for each, two at a time, in the order given. */
export async function huntAll(
  list: readonly Removal[],
  how: Hunt,
  heard: (outcome: Outcome) => void,
): Promise<readonly Outcome[]> {
  const queue = [...list];
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (let removal = queue.shift(); removal !== undefined; removal = queue.shift()) {
      const outcome = await hunt(removal, how);
      outcomes.push(outcome);
      heard(outcome);
    }
  };
  await Promise.all(Array.from({ length: childrenAtOnce }, work));
  return outcomes.toSorted((a, b) => list.indexOf(a.removal) - list.indexOf(b.removal));
}

function counts(outcomes: readonly Outcome[]): Table {
  const bySimulator = ({ removal, foundBy }: Outcome): boolean =>
    foundBy !== undefined && removal.unitTest === undefined;
  const byTest = ({ removal, foundBy }: Outcome): boolean => foundBy !== undefined && removal.unitTest !== undefined;
  return {
    caption: "Removals by kind",
    columns: ["kind", "removed", "found by the simulator", "found by a unit test", "not found"],
    rows: kinds.map(([kind, plural]) => {
      const own = outcomes.filter(({ removal }) => removal.kind === kind);
      const [first, second] = [own.filter(bySimulator).length, own.filter(byTest).length];
      return [plural, own.length, first, second, own.length - first - second];
    }),
  };
}

function everyOne(outcomes: readonly Outcome[]): Table {
  return {
    caption: "What was removed, and what noticed",
    columns: ["removed", "where", "found by", "what it saw"],
    rows: outcomes.map(({ removal, foundBy, saw }) => [
      removal.what,
      removal.file,
      foundBy === undefined ? "nothing" : removal.unitTest === undefined ? foundBy : `unit test ${foundBy}`,
      foundBy === undefined ? (removal.why ?? "not known why") : shortened(saw),
    ]),
  };
}

/** Names that chance has made are left out: the table changes only where something has changed. */
function shortened(saw: string): string {
  const text = saw.replaceAll(/[0-9a-f]{16,}/g, "…").replaceAll(/\s+/g, " ");
  return text.length <= 140 ? text : `${text.slice(0, 139)}…`;
}

function unseen(outcomes: readonly Outcome[]): Table {
  return {
    caption: "What only a unit test can notice, and why",
    columns: ["removed", "why no simulated world can tell"],
    rows: outcomes.flatMap(({ removal }) =>
      removal.unitTest === undefined ? [] : [[removal.what, removal.unitTest.because]],
    ),
  };
}

async function run({ seed, scale, say }: PartOptions): Promise<Findings> {
  const list = chosen(removals, seed, scale);
  const how: Hunt = {
    seed,
    scenarios: scenarios.map(({ name }) => name),
    statesPerCrash: 32,
    crashes: 1,
    maxStates: 400,
    secondsMax,
  };
  const own = chosen(ownScenarios, seed, scale).map(({ name }) => name);
  const unclean = await findings({ ...how, scenarios: own, secondsMax: Number.MAX_VALUE });
  const outcomes = await huntAll(list, how, ({ removal, foundBy, seconds }) =>
    say(`${removal.what}: ${foundBy ?? "NOT FOUND"} (${seconds.toFixed(1)} s)`),
  );
  const found = outcomes.filter(({ foundBy }) => foundBy !== undefined);
  const simulated = found.filter(({ removal }) => removal.unitTest === undefined);
  return {
    headlines: [
      {
        question: "Removals of a single flush, look, comparison, order or refusal that something notices",
        holdfast: `${found.length} of ${outcomes.length} (${simulated.length} by the simulator)`,
        kept: found.length === outcomes.length,
      },
    ],
    told:
      `One line of Holdfast after the other was taken away by a patch of its source text while it was loaded: ${list.length} ` +
      "removals, each in a process of its own, nothing in the product knows of it. Then power was cut at every call of one " +
      `simulated scenario after the other (${scenarios.length} there are, for ${secondsMax} s at most) until a checker saw a promise broken. Every call ` +
      `of a flush in the executor and in the publisher has its removal in the list: a test sees to it. Where nothing is removed, the ${own.length} ` +
      "scenarios that were written for this find nothing.",
    tables: [counts(outcomes), everyOne(outcomes), unseen(outcomes)],
    wrong: [
      ...unclean.map((what) => `Where nothing is removed, there is a finding all the same: ${what}`),
      ...outcomes
        .filter(({ foundBy }) => foundBy === undefined)
        .map(({ removal }) =>
          [`Nothing notices when ${removal.what} is removed (src/${removal.file}).`, removal.why ?? ""]
            .join(" ")
            .trim(),
        ),
    ],
    notTried: [],
  };
}

export const mutations: Part = {
  name: "mutations",
  title: "The simulator, tested by removals",
  tools: [],
  run,
};

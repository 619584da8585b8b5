// Two commands at once, at sixteen offsets over the time the first takes: update with update, with vacuum, with rollback.
import { setTimeout as sleep } from "node:timers/promises";
import type { World } from "../../../e2e/world.ts";
import type { Death } from "../../kills/execute.ts";
import type { Subject } from "../../peers/peer.ts";
import { allOf } from "../all-of.ts";
import { asDistributionsDo, leftoversOf } from "../layout.ts";
import type { Releases } from "../server-faults/resource.ts";

export const offsets = 16;

export interface Encounter {
  readonly other: string;
  readonly offsetMs: number;
  readonly codes: readonly [number | null, number | null];
  readonly broken: readonly string[];
  /** What boots right after, and after the next plain update. */
  readonly bootable: readonly string[];
  readonly bootableLater: readonly string[];
  readonly nextCode: number | null;
  readonly leftovers: readonly string[];
  readonly output: string;
}

export const partners: readonly (readonly string[])[] = [["update"], ["vacuum"], ["rollback"]];

export interface PairsRequest {
  readonly subject: Subject;
  readonly world: World;
  readonly releases: Releases;
  readonly others: readonly (readonly string[])[];
  readonly count: number;
  readonly lanes: number;
}

/** 1 and 2 are installed, 2 runs, 3 is offered at a rate that makes the update last a moment. */
export async function runPairs(request: PairsRequest): Promise<readonly Encounter[]> {
  const undisturbed = await meet(request, undefined, 0);
  const plan = request.others.flatMap((other) =>
    Array.from({ length: request.count }, (_, index) => ({
      other,
      offsetMs: (undisturbed.ms * index) / request.count,
    })),
  );
  const met = await allOf(plan, request.lanes, async ({ other, offsetMs }) => meet(request, other, offsetMs));
  return met.map(({ encounter }) => encounter);
}

async function meet(
  { subject, world, releases }: PairsRequest,
  other: readonly string[] | undefined,
  offsetMs: number,
): Promise<{ readonly ms: number; readonly encounter: Encounter }> {
  const { installed, target } = releases;
  await using scene = await world.scene({
    offered: [...installed, target],
    installed,
    index: true,
    server: { bytesPerSecond: 400_000 },
  });
  await asDistributionsDo(scene.machine);
  const first = subject.run(scene.machine, ["update"]);
  await sleep(offsetMs);
  const second: Promise<Death | undefined> =
    other === undefined ? Promise.resolve(undefined) : subject.run(scene.machine, other);
  const [one, two] = await Promise.all([first, second]);
  const after = await scene.audit(target);
  const next = other === undefined ? one : await subject.run(scene.machine, ["update"]);
  const end = await scene.audit(target);
  const encounter: Encounter = {
    other: other?.join(" ") ?? "nothing",
    offsetMs: Math.round(offsetMs),
    codes: [one.code, two?.code ?? null],
    broken: after.broken.map((entry) => `${entry.fileName}: ${entry.broken}`),
    bootable: after.bootable,
    bootableLater: end.broken.length === 0 ? end.bootable : [],
    nextCode: next.code,
    leftovers: leftoversOf(end),
    output: `${one.output}${two?.output ?? ""}${next.output}`,
  };
  return { ms: one.ms, encounter };
}

/** 0: its work is done; 3: nothing left to do; 4: refused by a promise; 6: another one works. */
const fine: readonly (number | null)[] = [0, 3, 4, 6];

export function isFine(encounter: Encounter): boolean {
  const { codes, broken, nextCode, bootable, leftovers, bootableLater } = encounter;
  const done = codes.every((code) => fine.includes(code)) && codes.includes(0);
  if (!done || broken.length > 0 || !bootable.includes("2")) return false;
  // A person who goes back after the update had ended wants to stay there: the next update does not bring 3 again.
  if (wentBack(encounter))
    return bootableLater.includes("2") && leftovers.length === 0 && [0, 3].includes(nextCode ?? 1);
  return nextCode === 0 && isWhole(encounter);
}

function wentBack({ other, codes }: Encounter): boolean {
  return other === "rollback" && codes[0] === 0 && codes[1] === 0;
}

/** Version 3 is there whole, with 2 to fall back to, and nothing left over. */
export function isWhole({ bootableLater, leftovers }: Pick<Encounter, "bootableLater" | "leftovers">): boolean {
  return bootableLater.includes("3") && bootableLater.includes("2") && leftovers.length === 0;
}

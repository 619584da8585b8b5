// Every file of state cut at every byte, as an interrupted write may leave it: `status` and `update` do as ever (P7).
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { auditTree } from "../../../../tools/lab/audit-tree.ts";
import { allOf } from "../all-of.ts";
import { statusAndUpdate } from "./in-process.ts";
import type { StateMachine } from "./state-machine.ts";

export interface Cut {
  /** Below the root. */
  readonly file: string;
  /** So many bytes are left. */
  readonly length: number;
}

/** The database of the lock is binary, and nothing but its pages matters. */
const pageBytes = 512;

/** Journal: all of them. What is larger (lists, the lock) at every byte of `step`. */
export function cutsOf(machine: StateMachine, share: number): readonly Cut[] {
  return [...machine.files].flatMap(([file, bytes]) => {
    const step = file.endsWith("/lock") ? pageBytes : Math.max(1, Math.round(1 / share));
    const lengths: number[] = [];
    for (let length = 0; length < bytes.length; length += step) lengths.push(length);
    return lengths.map((length): Cut => ({ file, length }));
  });
}

/** What was not as ever, in sentences. */
export async function runCuts(
  machine: StateMachine,
  cuts: readonly Cut[],
  lanes: number,
  onDone?: (count: number) => void,
): Promise<readonly string[]> {
  let done = 0;
  const perLane = Math.ceil(cuts.length / lanes);
  const parts = Array.from({ length: lanes }, (_, lane) => cuts.slice(lane * perLane, (lane + 1) * perLane));
  const problems = await allOf(parts, lanes, async (part, lane) => {
    const found: string[] = [];
    for (const cut of part) {
      found.push(...(await tryCut(machine, cut, lane)));
      done += 1;
      onDone?.(done);
    }
    return found;
  });
  return problems.flat();
}

async function tryCut(machine: StateMachine, { file, length }: Cut, lane: number): Promise<readonly string[]> {
  const copy = await machine.fresh(lane);
  await writeFile(join(copy.root, file), (machine.files.get(file) ?? Buffer.alloc(0)).subarray(0, length));
  const { status, update, problem } = await statusAndUpdate(copy.root);
  const { broken, bootable, leftovers } = await auditTree(copy, machine.releases);
  const what = `${file} cut to ${length} bytes`;
  if (problem !== undefined) return [`${what}: ${problem}`];
  const wrong = [
    status === "2" ? [] : [`status says that ${status} boots next`],
    update === "done 3" ? [] : [`update says "${update}"`],
    bootable.includes("2") && bootable.includes("3") ? [] : [`${bootable.join(", ")} boot`],
    broken.length === 0 && leftovers.length === 0 ? [] : ["something is broken or left over"],
  ];
  return wrong.flat().map((text) => `${what}: ${text}`);
}

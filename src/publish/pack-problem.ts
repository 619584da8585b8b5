// Whether a map says where each chunk lies: held against the index and the packs, as clients do, and against what is in the packs.
import { Fault } from "../base/fault.ts";
import { toHex } from "../base/text.ts";
import { isSameId, packCheckOf } from "../delta/chunk/chunk-id.ts";
import type { PackedChunks } from "../delta/chunk/pack-chunks.ts";
import { pieceOf, planChunks } from "../delta/chunk/plan-chunks.ts";
import { readFully } from "../delta/read-fully.ts";
import { packCheckBytes, type PackMap } from "../format/pack-map.ts";
import type { Publisher } from "./publisher.ts";

/** What has been read of packs before: releases draw on the same ones. */
export interface PackReading {
  /** Packs that are known to be damaged. */
  readonly passOver: ReadonlySet<string>;
  /** Places that were right, with what proves them. */
  readonly proven: Set<string>;
}

/**
 * What is wrong, as a sentence without its end, or `undefined`. With `reading` each packed chunk is read too; else only the
 * lists are compared. Throws what reading throws.
 */
export async function packProblem(
  publisher: Publisher,
  { index, map, packs }: PackedChunks,
  reading: PackReading | undefined,
): Promise<string | undefined> {
  try {
    planChunks({ index, supply: { kind: "packs", map, packs }, seeds: [] });
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
  if (reading === undefined) return undefined;
  let other = 0;
  for (const [number, { name }] of packs.entries())
    if (!reading.passOver.has(name)) other += await otherIn(publisher, map, { number, name }, reading.proven);
  return other === 0
    ? undefined
    : `${other} of ${map.packs.length} chunks are not in the packs where the map says they are`;
}

/** How many chunks of the map are something else in this pack. */
async function otherIn(
  { machine: { disk }, folder, signal }: Publisher,
  map: PackMap,
  pack: { readonly number: number; readonly name: string },
  proven: Set<string>,
): Promise<number> {
  await using file = await disk.open(`${folder}/${pack.name}`, "read");
  let other = 0;
  for (let number = 0; number < map.packs.length; number += 1) {
    const { offset, length, pack: its } = pieceOf(map, number);
    if (its !== pack.number) continue;
    const check = map.checks.subarray(number * packCheckBytes, (number + 1) * packCheckBytes);
    const place = `${offset}+${length} ${toHex(check)} ${pack.name}`;
    if (proven.has(place)) continue;
    signal.throwIfAborted();
    const stored = new Uint8Array(length);
    await readFully(file, offset, stored);
    if (isSameId(packCheckOf(stored), check)) proven.add(place);
    else other += 1;
  }
  return other;
}

// Makes a file out of an older one and a delta: strictly in order, group by group, from any byte on, in bounded memory.
// Every section is compared with its digest before it is used; the digest of the whole is the caller's (P9).
import { createHash } from "node:crypto";
import { Fault } from "../base/fault.ts";
import type { DeltaGroup, OldRange } from "../format/delta-file.ts";
import type { RebuildInput } from "../port/rebuilder.ts";
import type { DeltaPlan } from "./open-delta.ts";
import { readFully } from "./read-fully.ts";
import type { FetchRange, LocalBytes } from "./reader.ts";
import { groupSizes, rebuildGroup } from "./rebuild-group.ts";
import { release } from "./release.ts";
import { StreamReader } from "./stream-reader.ts";

export interface DeltaApplication {
  readonly plan: DeltaPlan;
  /** The old file: the delta's `from`. */
  readonly old: LocalBytes;
  readonly fetch: FetchRange;
  /** Where groups are made, in this process where absent. */
  readonly rebuild?: (group: DeltaGroup, input: () => Promise<RebuildInput>) => Promise<Uint8Array>;
  /** Where in the target to begin. */
  readonly fromByte: number;
}

const copyBytes = 1 << 20;
/** Groups that are begun before one is taken: one is made, and whoever makes it has the other at hand. */
const aheadMax = 2;

/**
 * The target's bytes from `fromByte` on; one request for all that is still needed. While one group is taken, the next are
 * made. Each piece is good until the next is asked for. Throws Faults, and what `fetch` throws, after everything that came
 * before was handed out.
 */
export async function* applyDelta(application: DeltaApplication): AsyncGenerator<Uint8Array> {
  const { plan, old, fetch, fromByte } = application;
  if ((await old.size()) < plan.recipe.oldBytes)
    throw new Fault("delta-old-short", "Cannot apply the delta: the old file is shorter than it has to be");
  const places = placesOf(plan, fromByte);
  const made = places.filter(({ group }) => group.section.length > 0);
  const [first] = made;
  const end = plan.delta.sizeBytes;
  const stream =
    first === undefined
      ? undefined
      : new StreamReader(fetch(plan.delta, first.sectionOffset, end - first.sectionOffset));
  const begun: Making[] = [];
  let next = 0;
  const begin = async (): Promise<void> => {
    const place = made[next];
    next += 1;
    if (place !== undefined && stream !== undefined) begun.push(await making(application, place.group, stream));
  };
  const copying = new Uint8Array(copyBytes);
  try {
    for (let ahead = 0; ahead < aheadMax; ahead += 1) await begin();
    for (const { group, skip } of places) {
      const making = group.section.length > 0 ? begun.shift() : undefined;
      const produced = making === undefined ? new Uint8Array(0) : await making.made;
      if (making !== undefined) await begin();
      yield* laidOut(group, produced, old, skip, copying);
      release(produced);
    }
  } finally {
    await stream?.close();
  }
}

/** What a group makes, while it is made; wrapped, so that waiting for its section does not wait for the rest. */
interface Making {
  readonly made: Promise<Uint8Array>;
}

interface GroupPlace {
  readonly group: DeltaGroup;
  /** In the delta's file. */
  readonly sectionOffset: number;
  /** Bytes of the group that are not wanted. */
  readonly skip: number;
}

function placesOf({ recipe, delta }: DeltaPlan, fromByte: number): readonly GroupPlace[] {
  let at = 0;
  let sectionOffset = delta.head.sizeBytes;
  return recipe.groups.flatMap((group) => {
    const place = { group, sectionOffset, skip: Math.max(0, fromByte - at) };
    at += group.steps.reduce((sum, step) => sum + step.length, 0);
    sectionOffset += group.section.length;
    return at > fromByte ? [place] : [];
  });
}

/** Nothing is awaited from the line once this has returned: whoever stops taking bytes waits for no server. */
async function making(application: DeltaApplication, group: DeltaGroup, stream: StreamReader): Promise<Making> {
  let made: Promise<Uint8Array>;
  try {
    made = make(application, group, await provenSection(stream, group));
  } catch (error) {
    made = Promise.reject(error);
  }
  // Thrown where it is awaited.
  made.catch(() => undefined);
  return { made };
}

async function make(
  { plan, old, rebuild }: DeltaApplication,
  group: DeltaGroup,
  section: Uint8Array,
): Promise<Uint8Array> {
  if (rebuild !== undefined) return rebuild(group, async () => ({ old: await readReferences(old, group), section }));
  return rebuildGroup(group, plan.recipe.encoders, await readReferences(old, group), section);
}

async function provenSection(stream: StreamReader, { section }: DeltaGroup): Promise<Uint8Array> {
  const bytes = await stream.take(section.length);
  if (createHash("sha256").update(bytes).digest("hex") === section.sha256) return bytes;
  throw new Fault("delta-section", "Cannot use a section of the delta: its digest is another", {
    hint: "The server holds other bytes than were published, or they were changed on the way.",
  });
}

async function readReferences(old: LocalBytes, group: DeltaGroup): Promise<Uint8Array> {
  const bytes = new Uint8Array(groupSizes(group).old);
  let at = 0;
  for (const { offset, length } of joined(group.references)) {
    await readFully(old, offset, bytes.subarray(at, at + length));
    at += length;
  }
  return bytes;
}

/** Clusters of one file lie one behind the other: what is read is in fewer pieces than what is drawn upon. */
function joined(references: readonly OldRange[]): readonly { offset: number; length: number }[] {
  const ranges: { offset: number; length: number }[] = [];
  for (const { offset, length } of references) {
    const last = ranges.at(-1);
    if (last !== undefined && last.offset + last.length === offset) last.length += length;
    else ranges.push({ offset, length });
  }
  return ranges;
}

/** The steps' output without its first `skip` bytes. */
async function* laidOut(
  group: DeltaGroup,
  produced: Uint8Array,
  old: LocalBytes,
  skip: number,
  copying: Uint8Array,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  let from = 0;
  for (const step of group.steps) {
    const first = Math.max(0, skip - at);
    at += step.length;
    if (step.kind !== "copy") {
      if (first < step.length) yield produced.subarray(from + first, from + step.length);
      from += step.length;
      continue;
    }
    for (let done = first; done < step.length; ) {
      const piece = copying.subarray(0, Math.min(copying.length, step.length - done));
      await readFully(old, step.offset + done, piece);
      yield piece;
      done += piece.length;
    }
  }
}

// Makes a file out of an older one and a delta: strictly in order, group by group, from any byte on, in bounded memory.
// Every section is compared with its digest before it is used; the digest of the whole is the caller's (P9).
import { createHash } from "node:crypto";
import { Fault } from "../base/fault.ts";
import type { DeltaGroup } from "../format/delta-file.ts";
import type { DeltaPlan } from "./open-delta.ts";
import type { FetchRange, LocalBytes } from "./reader.ts";
import { groupSizes, rebuildGroup } from "./rebuild-group.ts";
import { StreamReader } from "./stream-reader.ts";

export interface DeltaApplication {
  readonly plan: DeltaPlan;
  /** The old file: the delta's `from`. */
  readonly old: LocalBytes;
  readonly fetch: FetchRange;
  /** Where groups are made, in this process where absent. */
  readonly rebuild?: (group: DeltaGroup, old: Uint8Array, section: Uint8Array) => Promise<Uint8Array>;
  /** Where in the target to begin. */
  readonly fromByte: number;
}

const copyBytes = 1 << 20;

/** The target's bytes from `fromByte` on; one request for all that is still needed. Throws Faults, and what `fetch` throws. */
export async function* applyDelta(application: DeltaApplication): AsyncGenerator<Uint8Array> {
  const { plan, old, fetch, fromByte } = application;
  const { groups, encoders, oldBytes } = plan.recipe;
  if ((await old.size()) < oldBytes)
    throw new Fault("delta-old-short", "Cannot apply the delta: the old file is shorter than it has to be");
  const rebuild =
    application.rebuild ??
    ((group, bytes, section): Promise<Uint8Array> => Promise.resolve(rebuildGroup(group, encoders, bytes, section)));
  let stream: StreamReader | undefined;
  try {
    let at = 0;
    let section = plan.delta.head.sizeBytes;
    for (const group of groups) {
      const length = group.steps.reduce((sum, step) => sum + step.length, 0);
      const end = at + length;
      if (end > fromByte) {
        let produced: Uint8Array = new Uint8Array(0);
        if (group.section.length > 0) {
          stream ??= new StreamReader(fetch(plan.delta, section, plan.delta.sizeBytes - section));
          const bytes = await provenSection(stream, group);
          produced = await rebuild(group, await readReferences(old, group), bytes);
        }
        yield* laidOut(group, produced, old, Math.max(0, fromByte - at));
      }
      at = end;
      section += group.section.length;
    }
  } finally {
    await stream?.close();
  }
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
  for (const { offset, length } of group.references) {
    await readFully(old, offset, bytes.subarray(at, at + length));
    at += length;
  }
  return bytes;
}

/** The steps' output without its first `skip` bytes. */
async function* laidOut(
  group: DeltaGroup,
  produced: Uint8Array,
  old: LocalBytes,
  skip: number,
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
      const piece = new Uint8Array(Math.min(copyBytes, step.length - done));
      await readFully(old, step.offset + done, piece);
      yield piece;
      done += piece.length;
    }
  }
}

async function readFully(old: LocalBytes, offset: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const count = await old.read(offset + done, into.subarray(done));
    if (count === 0)
      throw new Fault("delta-old-short", "Cannot apply the delta: the old file ends before a byte that is needed");
    done += count;
  }
}

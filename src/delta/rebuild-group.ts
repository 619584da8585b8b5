// One group of a delta, as a pure function: bytes in, bytes out, so that it may run in a child that can do nothing else.
import { Fault } from "../base/fault.ts";
import type { DeltaGroup, Encoder } from "../format/delta-file.ts";
import { release } from "./release.ts";
import { decodeCluster, decodeSection, dictionaryPrefixBytes, encodeCluster } from "./zstd.ts";

/** What a group draws upon and makes, in bytes. */
export interface GroupSizes {
  /** Of the old file, as it lies there. */
  readonly old: number;
  readonly dictionary: number;
  readonly plain: number;
  /** Without what is copied. */
  readonly produced: number;
}

export function groupSizes({ references, steps }: DeltaGroup): GroupSizes {
  let plain = 0;
  let produced = 0;
  for (const step of steps) {
    if (step.kind === "copy") continue;
    plain += step.kind === "encode" ? step.plainLength : step.length;
    produced += step.length;
  }
  let old = 0;
  let dictionary = dictionaryPrefixBytes;
  for (const { length, plainLength } of references) {
    old += length;
    dictionary += plainLength === 0 ? length : plainLength;
  }
  return { old, dictionary, plain, produced };
}

/**
 * `old` is the content of the references one behind the other as it lies in the old file, `section` what came with the
 * delta; where they are `spent`, each is freed once it is not needed any more. Answers what the steps that do not copy make,
 * one behind the other. Throws Faults (`delta-cluster`, `delta-section`).
 */
export function rebuildGroup(
  group: DeltaGroup,
  encoders: readonly Encoder[],
  old: Uint8Array,
  section: Uint8Array,
  spent = false,
): Uint8Array {
  const sizes = groupSizes(group);
  const dictionary = dictionaryOf(group, sizes, old);
  if (spent) release(old);
  const plain = decodeSection(section, sizes.plain, dictionary);
  release(dictionary);
  if (spent) release(section);
  const produced = new Uint8Array(sizes.produced);
  let from = 0;
  let to = 0;
  for (const step of group.steps) {
    if (step.kind === "copy") continue;
    if (step.kind === "plain") {
      produced.set(plain.subarray(from, from + step.length), to);
      from += step.length;
    } else {
      const encoder = encoders[step.encoder];
      if (encoder === undefined) throw new Fault("delta-cluster", "Cannot make a cluster again: it names no encoder");
      const frame = encodeCluster(plain.subarray(from, from + step.plainLength), encoder);
      if (frame.length > step.length)
        throw new Fault("delta-cluster", "Cannot make a cluster again: zstd's output is longer than the cluster");
      produced.set(frame, to + step.length - frame.length);
      release(frame);
      from += step.plainLength;
    }
    to += step.length;
  }
  release(plain);
  return produced;
}

function dictionaryOf({ references }: DeltaGroup, sizes: GroupSizes, old: Uint8Array): Uint8Array {
  const dictionary = new Uint8Array(sizes.dictionary);
  let from = 0;
  let to = dictionaryPrefixBytes;
  for (const { length, plainLength } of references) {
    const stored = old.subarray(from, from + length);
    if (plainLength === 0) dictionary.set(stored, to);
    else {
      const content = decodeCluster(stored, plainLength);
      dictionary.set(content, to);
      release(content);
    }
    from += length;
    to += plainLength === 0 ? length : plainLength;
  }
  return dictionary;
}

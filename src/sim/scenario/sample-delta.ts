// A delta of a sample repository: blocks that stay are copied from the old bytes, the others are shipped as they are, in
// zstd frames that are written by hand. It takes no encoder, so it is the same on every machine.
import { concatenate } from "../../base/bytes.ts";
import { parseSha256, parseVersion } from "../../base/ids.ts";
import {
  type DeltaGroup,
  type DeltaRecipe,
  type DeltaStep,
  formatDeltaPrefix,
  formatRecipe,
} from "../../format/delta-file.ts";
import type { ReleaseDelta } from "../../format/release-files.ts";
import { releaseFile, simSha256 } from "./sample-index.ts";

const blockBytes = 1000;
const groupBytes = 4000;
/** The most that a block of a zstd frame has. */
const zstdBlockBytes = 128 * 1024;

/** RFC 8878 3.1: one segment, its size in four bytes, raw blocks. */
export function storedFrame(plain: Uint8Array): Uint8Array {
  const head = new Uint8Array(9);
  head.set([0x28, 0xb5, 0x2f, 0xfd, 0xa0]);
  new DataView(head.buffer).setUint32(5, plain.length, true);
  const parts: Uint8Array[] = [head];
  for (let at = 0; at === 0 || at < plain.length; at += zstdBlockBytes) {
    const block = plain.subarray(at, at + zstdBlockBytes);
    const word = (block.length << 3) | (at + zstdBlockBytes >= plain.length ? 1 : 0);
    parts.push(Uint8Array.of(word & 0xff, (word >> 8) & 0xff, (word >> 16) & 0xff), block);
  }
  return concatenate(parts);
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, at) => byte === b[at]);

function groupOf(
  old: Uint8Array,
  target: Uint8Array,
  start: number,
): { readonly group: DeltaGroup; readonly section: Uint8Array } {
  const steps: DeltaStep[] = [];
  const plain: Uint8Array[] = [];
  const end = Math.min(start + groupBytes, target.length);
  for (let offset = start; offset < end; offset += blockBytes) {
    const block = target.subarray(offset, Math.min(offset + blockBytes, end));
    if (same(block, old.subarray(offset, offset + block.length))) {
      steps.push({ kind: "copy", offset, length: block.length });
      continue;
    }
    steps.push({ kind: "plain", length: block.length });
    plain.push(block);
  }
  const section = plain.length === 0 ? new Uint8Array(0) : storedFrame(concatenate(plain));
  return { group: { references: [], steps, section: { length: section.length, sha256: simSha256(section) } }, section };
}

export interface SampleDelta {
  readonly delta: ReleaseDelta;
  readonly bytes: Uint8Array;
}

/** `name` is the resource that comes out, `fromVersion` the version whose bytes `old` are. */
export function sampleDelta(name: string, fromVersion: string, old: Uint8Array, target: Uint8Array): SampleDelta {
  const groups = Array.from({ length: Math.ceil(target.length / groupBytes) }, (_, index) =>
    groupOf(old, target, index * groupBytes),
  );
  const recipe: DeltaRecipe = {
    oldBytes: old.length,
    targetBytes: target.length,
    encoders: [],
    sampleSha256: parseSha256("0".repeat(64)),
    groups: groups.map(({ group }) => group),
  };
  const plain = formatRecipe(recipe);
  const head = concatenate([formatDeltaPrefix(plain.length), storedFrame(plain)]);
  const bytes = concatenate([head, ...groups.map(({ section }) => section)]);
  return {
    bytes,
    delta: {
      ...releaseFile(`deltas/${name}-from-${fromVersion}.delta`, bytes),
      resource: name,
      from: { version: parseVersion(fromVersion), sizeBytes: old.length, sha256: simSha256(old) },
      head: { sizeBytes: head.length, sha256: simSha256(head) },
      encoder: "zstd 1.5.7",
      memoryBytes: 1 << 20,
    },
  };
}

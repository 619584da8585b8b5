// For tests: files in memory, deltas made between them, and deltas served.
import { createHash } from "node:crypto";
import { concatenate } from "../base/bytes.ts";
import { parseSha256, parseVersion, type Sha256 } from "../base/ids.ts";
import type { ReleaseDelta } from "../format/release-files.ts";
import { applyDelta } from "./apply-delta.ts";
import { type MadeDelta, makeDelta } from "./make-delta.ts";
import { type DeltaPlan, openDelta } from "./open-delta.ts";
import type { FetchRange, LocalBytes } from "./reader.ts";

export function inMemory(bytes: Uint8Array): LocalBytes {
  return {
    read: async (offset, into) => {
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    size: async () => bytes.length,
  };
}

export function digestOf(bytes: Uint8Array): Sha256 {
  return parseSha256(createHash("sha256").update(bytes).digest("hex"));
}

export interface SampleDelta {
  readonly made: MadeDelta;
  readonly bytes: Uint8Array;
  /** As a manifest names it. */
  readonly delta: ReleaseDelta;
}

export async function deltaBetween(old: Uint8Array, target: Uint8Array): Promise<SampleDelta> {
  const parts: Uint8Array[] = [];
  const write = async (part: Uint8Array): Promise<void> => void parts.push(part.slice());
  const made = await makeDelta({ old: inMemory(old), target: inMemory(target), write });
  const bytes = concatenate(parts);
  return { made, bytes, delta: named(bytes, made.head.sizeBytes, old, made) };
}

/** The manifest's words about a delta whose head has `headBytes`. */
export function named(
  bytes: Uint8Array,
  headBytes: number,
  old: Uint8Array,
  { encoder, memoryBytes }: Pick<MadeDelta, "encoder" | "memoryBytes">,
): ReleaseDelta {
  return {
    name: "deltas/os_2.erofs-from-os_1.erofs.delta",
    sizeBytes: bytes.length,
    sha256: digestOf(bytes),
    resource: "os_2.erofs",
    from: { version: parseVersion("1"), sizeBytes: old.length, sha256: digestOf(old) },
    head: { sizeBytes: headBytes, sha256: digestOf(bytes.subarray(0, headBytes)) },
    encoder,
    memoryBytes,
  };
}

export function opened({ bytes, delta }: Pick<SampleDelta, "bytes" | "delta">): DeltaPlan {
  return openDelta(bytes.subarray(0, delta.head.sizeBytes), delta);
}

/** Serves pieces of 1,000 bytes and counts what was asked for. */
export function served(bytes: Uint8Array, requests: string[] = []): FetchRange {
  return async function* serve(_file, offset, length) {
    requests.push(`${offset}+${length}`);
    for (let at = offset; at < offset + length; at += 1000)
      yield bytes.subarray(at, Math.min(at + 1000, offset + length));
  };
}

export async function applied(
  sample: Pick<SampleDelta, "bytes" | "delta">,
  old: Uint8Array,
  fromByte = 0,
  requests: string[] = [],
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const fetch = served(sample.bytes, requests);
  for await (const part of applyDelta({ plan: opened(sample), old: inMemory(old), fetch, fromByte }))
    parts.push(part.slice());
  return concatenate(parts);
}

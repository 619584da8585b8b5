// Reads and checks the head of a delta: after this every group keeps the limits and lies within the old file.
import { createHash } from "node:crypto";
import { constants, zstdDecompressSync } from "node:zlib";
import { Fault } from "../base/fault.ts";
import {
  deltaLimits,
  deltaPrefixBytes,
  type DeltaRecipe,
  parseDeltaPrefix,
  parseRecipe,
} from "../format/delta-file.ts";
import type { ReleaseDelta } from "../format/release-files.ts";
import { sampleDigest } from "./encoder-sample.ts";

/** A delta whose head was checked. */
export interface DeltaPlan {
  readonly delta: ReleaseDelta;
  readonly recipe: DeltaRecipe;
}

/**
 * `head` is the delta's first bytes, as its manifest names them. Throws Faults: `delta-damaged` and `columns-damaged` for a head
 * that is not what it should be, `delta-encoder` when this program's zstd makes other bytes than the publisher's.
 */
export function openDelta(head: Uint8Array, delta: ReleaseDelta): DeltaPlan {
  if (head.length !== delta.head.sizeBytes || createHash("sha256").update(head).digest("hex") !== delta.head.sha256)
    throw new Fault("delta-damaged", "Cannot read the delta: its head is not the one that was published");
  const recipe = decodeHead(head);
  const sections = recipe.groups.reduce((sum, { section }) => sum + section.length, 0);
  if (head.length + sections !== delta.sizeBytes)
    throw new Fault("delta-damaged", "Cannot read the delta: its sections do not make up its size");
  if (recipe.oldBytes !== delta.from.sizeBytes)
    throw new Fault("delta-damaged", "Cannot read the delta: it is from another file than its manifest says");
  if (recipe.encoders.length > 0 && sampleDigest(recipe.encoders) !== recipe.sampleSha256)
    throw new Fault("delta-encoder", `Cannot use the delta: it needs ${delta.encoder}, and ours makes other bytes`, {
      hint: "Updates without deltas work as before; a newer Holdfast brings the encoder along.",
    });
  return { delta, recipe };
}

/** The recipe in a head. Throws Faults. */
function decodeHead(head: Uint8Array): DeltaRecipe {
  if (head.length > deltaLimits.headBytes)
    throw new Fault("delta-damaged", `Cannot read the delta: its head has ${head.length} bytes`);
  const length = parseDeltaPrefix(head);
  let bytes: Uint8Array;
  try {
    bytes = zstdDecompressSync(head.subarray(deltaPrefixBytes), {
      maxOutputLength: Math.max(1, length),
      params: { [constants.ZSTD_d_windowLogMax]: 24 },
    });
  } catch (cause) {
    throw new Fault("delta-damaged", "Cannot read the delta: its head does not decompress", { cause });
  }
  if (bytes.length !== length) throw new Fault("delta-damaged", "Cannot read the delta: its head has another length");
  return parseRecipe(bytes);
}

// A known answer: what this program's zstd makes of a fixed text. A client compares it before it downloads a delta whose
// clusters it is to make again, because the output of an encoder belongs to its version.
import { createHash } from "node:crypto";
import { parseSha256, type Sha256 } from "../base/ids.ts";
import { SeededRandom } from "../base/random.ts";
import type { Encoder } from "../format/delta-file.ts";
import { encodeCluster } from "./zstd.ts";

const sampleBytes = 192 << 10;

/** As a manifest names the encoder that a delta needs. */
export const ownEncoder: string = `zstd ${process.versions["zstd"] ?? "unknown"}`;

/** Words, numbers, repeats near and far and stretches of noise, as images have them. */
function sampleText(): Uint8Array {
  const random = new SeededRandom(0x4846);
  const bytes = new Uint8Array(sampleBytes);
  for (let at = 0; at < bytes.length; ) {
    const length = Math.min(1 + random.below(60), bytes.length - at);
    const way = random.below(4);
    if (way < 2 && at > 64) bytes.copyWithin(at, random.below(at - 60), at);
    if (way >= 2 || at <= 64)
      for (let index = 0; index < length; index += 1)
        bytes[at + index] = way === 2 ? random.below(256) : 97 + random.below(5) * random.below(5);
    at += length;
  }
  return bytes;
}

/** Of the sample under each of the encoders, one behind the other. */
export function sampleDigest(encoders: readonly Encoder[]): Sha256 {
  const hash = createHash("sha256");
  for (const encoder of encoders) hash.update(encodeCluster(sampleText(), encoder));
  return parseSha256(hash.digest("hex"));
}

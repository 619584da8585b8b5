// A rolling hash over the last 32 bytes (gear): sampled, it tells which old bytes resemble new ones; where it has many
// leading zeros, a file is cut.
import { SeededRandom } from "../../base/random.ts";

/** One of 512 places is remembered. */
const sampleShift = 32 - 9;
/** Pieces of about 20 KiB. */
const cutShift = 32 - 14;
const cutBytesMin = 4 << 10;
const cutBytesMax = 128 << 10;
const windowBytes = 32;

const gear: Uint32Array = makeGear();

function makeGear(): Uint32Array {
  const random = new SeededRandom(0x67656172);
  return Uint32Array.from({ length: 256 }, () => Math.floor(random.next() * 2 ** 32));
}

/** Writes sampled hashes of `bytes` to `into` and answers how many. */
export function sampleHashes(bytes: Uint8Array, into: Uint32Array): number {
  let hash = 0;
  let count = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
    if (hash >>> sampleShift === 0 && at >= windowBytes && count < into.length) into[count++] = windowHash(bytes, at);
  }
  return count;
}

/** Of the window that ends with `at`: the low bits of the rolling hash come from few bytes (FNV-1a). */
function windowHash(bytes: Uint8Array, at: number): number {
  let hash = 0x811c9dc5;
  for (let index = at - windowBytes + 1; index <= at; index += 1)
    hash = Math.imul(hash ^ (bytes[index] as number), 0x01000193);
  return hash >>> 0;
}

/** Lengths of the pieces of `bytes`, the last one only when `ends` or when there is no other. */
export function cutLengths(bytes: Uint8Array, ends: boolean): readonly number[] {
  const lengths: number[] = [];
  let start = 0;
  let hash = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
    const length = at + 1 - start;
    if (length < cutBytesMin || (hash >>> cutShift !== 0 && length < cutBytesMax)) continue;
    lengths.push(length);
    start = at + 1;
  }
  if (start < bytes.length && (ends || lengths.length === 0)) lengths.push(bytes.length - start);
  return lengths;
}

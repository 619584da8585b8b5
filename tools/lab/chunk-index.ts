// A chunk index (`.caibx`, interfaces D.10) over equal chunks of an image: the file whose name begins like the image's.
import { createHash } from "node:crypto";

const chunkBytes = 1 << 20;
const sha512Truncated = 0xa000000000000000n;
const indexType = 0x96824d9c7b129ff9n;
const tableType = 0xe75b9e112f17417dn;
const tailMark = 0x4b4f050e5549ecd1n;

/** The index of these bytes in chunks of 1 MiB, as desync reads it. */
export function writeChunkIndex(image: Uint8Array): Uint8Array {
  const items: Uint8Array[] = [];
  for (let position = 0; position < image.length; position += chunkBytes) {
    const chunk = image.subarray(position, position + chunkBytes);
    items.push(words(BigInt(position + chunk.length)), createHash("sha512-256").update(chunk).digest());
  }
  const size = BigInt(chunkBytes);
  const head = words(48n, indexType, sha512Truncated, size, size, size, 0xffffffffffffffffn, tableType);
  const tableBytes = 16n + BigInt((items.length / 2) * 40) + 40n;
  return Buffer.concat([head, ...items, words(0n, 0n, 48n, tableBytes, tailMark)]);
}

/** Little-endian, 64 bits each. */
function words(...values: readonly bigint[]): Uint8Array {
  return new Uint8Array(BigUint64Array.from(values).buffer);
}

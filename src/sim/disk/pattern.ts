// Bytes that name themselves, so that a simulated image of 500 MiB costs nothing to hold (issue 3, simulated world).

/** A pattern consists of cells of 16 bytes: seed, index and two mixes of both, so that any cell tells where it belongs. */
const cellBytes = 16;
const seedMask = 0x5bd1e995;
const indexMask = 0x27d4eb2f;

function mix(seed: number, index: number, salt: number): number {
  let mixed = Math.imul(seed ^ salt, 0x9e3779b1) ^ Math.imul(index + salt, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

function word(seed: number, position: number): number {
  const index = Math.floor(position / 4);
  switch (position & 3) {
    case 0:
      return (seed ^ seedMask) >>> 0;
    case 1:
      return (index ^ indexMask) >>> 0;
    case 2:
      return mix(seed, index, 0x1b56c4e9);
    default:
      return mix(seed, index, 0x7f4a7c15);
  }
}

/** The byte at `offset` of the pattern with this seed. */
function patternByte(seed: number, offset: number): number {
  return (word(seed, Math.floor(offset / 4)) >>> (8 * (offset & 3))) & 0xff;
}

/** Fills `into` with the pattern from `offset` on. */
export function fillPattern(seed: number, offset: number, into: Uint8Array): void {
  let at = 0;
  while (at < into.length && ((offset + at) & 3) !== 0) into[at] = patternByte(seed, offset + at++);
  for (; at + 4 <= into.length; at += 4) {
    const value = word(seed, (offset + at) / 4);
    into[at] = value & 0xff;
    into[at + 1] = (value >>> 8) & 0xff;
    into[at + 2] = (value >>> 16) & 0xff;
    into[at + 3] = value >>> 24;
  }
  for (; at < into.length; at++) into[at] = patternByte(seed, offset + at);
}

/** Whether `bytes` are the pattern from `offset` on. */
export function isPattern(seed: number, offset: number, bytes: Uint8Array): boolean {
  const expected = new Uint8Array(Math.min(bytes.length, 4096));
  for (let at = 0; at < bytes.length; at += expected.length) {
    const part = expected.subarray(0, Math.min(expected.length, bytes.length - at));
    fillPattern(seed, offset + at, part);
    for (let index = 0; index < part.length; index++) if (part[index] !== bytes[at + index]) return false;
  }
  return true;
}

/** Finds out whether `bytes` (at least two cells) are a piece of a pattern, and which. */
export function recognisePattern(bytes: Uint8Array): { readonly seed: number; readonly offset: number } | undefined {
  if (bytes.length < 2 * cellBytes) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let shift = 0; shift < cellBytes; shift++) {
    const seed = (view.getUint32(shift, true) ^ seedMask) >>> 0;
    const index = (view.getUint32(shift + 4, true) ^ indexMask) >>> 0;
    if (view.getUint32(shift + 8, true) !== mix(seed, index, 0x1b56c4e9)) continue;
    const offset = index * cellBytes - shift;
    if (offset >= 0 && isPattern(seed, offset, bytes)) return { seed, offset };
  }
  return undefined;
}

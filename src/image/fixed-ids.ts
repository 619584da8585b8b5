// Identifiers that depend on nothing but a text, so that two builds of the same inputs give the same bytes (FNV-1a, four
// times). They have to differ between versions, not to be hard to guess.

function fnv(text: string, seed: number): string {
  let hash = (2166136261 ^ seed) >>> 0;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 16777619) >>> 0;
  // The last characters have to reach the upper bits too.
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, "0");
}

/** 64 hex digits. */
export function fixedHex(text: string): string {
  return [1, 2, 3, 4, 5, 6, 7, 8].map((seed) => fnv(text, seed * 0x9e3779b1)).join("");
}

/** In the shape of a random UUID (RFC 9562, version 4). */
export function fixedUuid(text: string): string {
  const hex = fixedHex(text);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

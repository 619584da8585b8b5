// Sizes as people write them: 512M, 1.5G, 80MiB, 4096. K, M, G and T are powers of 1024.

const units: Readonly<Record<string, number>> = { "": 0, K: 1, M: 2, G: 3, T: 4 };

/** Bytes, at least 1 and at most 2^53-1; `undefined` for what is no size. */
export function parseByteSize(text: string): number | undefined {
  const match = /^(\d{1,15}(?:\.\d{1,6})?) ?([KMGT]?)(?:i?B)?$/i.exec(text.trim());
  const power = units[(match?.[2] ?? "").toUpperCase()];
  if (match === null || power === undefined) return undefined;
  const bytes = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : undefined;
}

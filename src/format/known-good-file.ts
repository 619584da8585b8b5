// EFI/holdfast/known-good.txt on the ESP: ids of entries whose boot was found good, the most recent first. The initrd
// goes by it when every entry is marked bad (P8).

export const knownGoodBytesMax: number = 64 * 1024;
/** So many ids are kept; all of them fit into one sector of a disk for the usual names. */
export const knownGoodMax = 8;

function isId(line: string): boolean {
  return /^[^/\\\t]{1,255}$/.test(line) && /\.(?:efi|conf)$/i.test(line);
}

/** Any bytes are a list of ids. */
export function parseKnownGood(bytes: Uint8Array): readonly string[] {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, knownGoodBytesMax));
  return [...new Set(text.split("\n").filter(isId))].slice(0, knownGoodMax);
}

export function formatKnownGood(ids: readonly string[]): string {
  return ids.map((id) => `${id}\n`).join("");
}

/** With `id` first; ids of which no entry is left go. */
export function withKnownGood(before: readonly string[], id: string, present: ReadonlySet<string>): readonly string[] {
  const others = before.filter((known) => known !== id && present.has(known));
  return [id, ...others].slice(0, knownGoodMax);
}

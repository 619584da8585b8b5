// Lines of "key value", as systemd-boot reads its own files: loader.conf and type 1 entries (UAPI.1).

const maxBytes = 256 << 10;
const decoder = new TextDecoder("utf-8", { fatal: false });

/**
 * All pairs in order. Comments, and keys without a value, are passed over; a value in double quotes loses them. The
 * loader ends at a NUL byte, and what it would not read is not read here: at most 256 KiB.
 */
export function keyValueLines(bytes: Uint8Array): [key: string, value: string][] {
  const text = decoder.decode(bytes.subarray(0, maxBytes)).split("\0", 1)[0] ?? "";
  const pairs: [string, string][] = [];
  for (const line of text.split(/[\r\n]/)) {
    const [, key, value] = /^[ \t]*([^ \t#][^ \t]*)[ \t]+(.*?)[ \t]*$/.exec(line) ?? [];
    if (key === undefined || value === undefined || value === "") continue;
    pairs.push([key, /^"(.*)"$/.exec(value)?.[1] ?? value]);
  }
  return pairs;
}

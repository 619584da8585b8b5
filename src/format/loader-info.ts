// The mark that systemd-boot carries: `#### LoaderInfo: systemd-boot 257.7-1 ####` (src/boot/boot.c), by which bootctl tells
// its own file from another's.

const mark = "#### LoaderInfo: ";
const infoMax = 128;

/** What stands between the marks, such as "systemd-boot 257.7-1". */
export function loaderInfo(bytes: Uint8Array): string | undefined {
  const first = mark.charCodeAt(0);
  for (let at = bytes.indexOf(first); at !== -1; at = bytes.indexOf(first, at + 1)) {
    const text = new TextDecoder("latin1").decode(bytes.subarray(at, at + mark.length + infoMax));
    if (!text.startsWith(mark)) continue;
    const end = text.indexOf(" ####", mark.length);
    if (end !== -1) return text.slice(mark.length, end);
  }
  return undefined;
}

/** The version of a systemd-boot; undefined for any other program. */
export function systemdBootVersion(bytes: Uint8Array): string | undefined {
  return /^systemd-boot ([0-9][^\s]*)$/.exec(loaderInfo(bytes) ?? "")?.[1];
}

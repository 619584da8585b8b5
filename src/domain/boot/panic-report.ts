// Crash reports of the kernel, and of which boot entry each is (P8). Their names are those of pstore's folder and of the archive
// that systemd-pstore.service(8) makes of it; which entry was started is said in the log by Holdfast's initrd (os/initrd).

/** A crash report of the kernel that nobody has looked at yet. */
export interface Panic {
  readonly name: string;
  readonly text: string;
}

const startMark = /holdfast: this is the start of ([^/\\\s]{1,255})\s*$/m;

/** What all parts of one report have in common: its folder in the archive, else its name without part and count. */
function reportOf(path: string): string {
  const at = path.lastIndexOf("/");
  return path.startsWith("/var/") && /\/\d+$/.test(path.slice(0, at))
    ? path.slice(0, at)
    : path.replace(/^(.*\/dmesg-efi[^/]*\d)\d{5}(?:\.enc\.z)?$/, "$1");
}

/** One for each report: firmware keeps small pieces. */
export function joinParts(parts: readonly Panic[]): readonly Panic[] {
  const joined = new Map<string, Panic>();
  for (const part of parts) {
    const report = reportOf(part.name);
    const known = joined.get(report);
    joined.set(report, known === undefined ? part : { ...known, text: `${known.text}\n${part.text}` });
  }
  return [...joined.values()];
}

/** The id of the entry whose start the log tells of; undefined where its initrd is another's, or the log began later. */
export function startedEntry(text: string): string | undefined {
  return startMark.exec(text)?.[1];
}

/** The line that says why. */
export function panicLine(text: string): string | undefined {
  const line = text.split("\n").find((each) => /Kernel panic|Oops|BUG:|soft lockup|hard LOCKUP/i.test(each));
  return line
    ?.replace(/^.*?(Kernel panic|Oops|BUG:|watchdog:)/i, "$1")
    .trim()
    .slice(0, 200);
}

// File names of boot entries and the boot counters in them (Boot Loader Specification UAPI.1, interfaces D.8; P8).

export interface EntryTries {
  readonly left: number;
  readonly done: number;
  /** Digits of each counter in the name; counting keeps them, so that a FAT name never changes its length. */
  readonly leftWidth: number;
  /** Undefined: the name has no done counter yet, which stands for 0. */
  readonly doneWidth: number | undefined;
}

export interface EntryName {
  /** The name without counter, with suffix: what the loader and bootctl call the entry. */
  readonly id: string;
  readonly stem: string;
  readonly suffix: ".efi" | ".conf";
  readonly tries?: EntryTries;
}

const maxNameLength = 255;
/** The loader's limit for a counter; a larger number is part of the name. */
const maxCounter = 0x7fff_ffff;

/**
 * The parts of a name that systemd-boot would show in its menu; undefined for every other file, among them hidden
 * ones and the reserved names `auto-*`. As in the loader, only the last + can begin a counter.
 */
export function parseEntryName(fileName: string): EntryName | undefined {
  const suffix = /\.(?:efi|conf)$/i.exec(fileName)?.[0];
  if (suffix === undefined || fileName.length > maxNameLength || fileName.includes("/")) return undefined;
  if (fileName.startsWith(".") || /^auto-/i.test(fileName)) return undefined;
  const whole = fileName.slice(0, -suffix.length);
  const kind = suffix.toLowerCase() === ".efi" ? ".efi" : ".conf";
  const counter = /\+([0-9]+)(?:-([0-9]+))?$/.exec(whole);
  const tries = counter === null ? undefined : readTries(counter[1] ?? "", counter[2]);
  if (counter === null || tries === undefined) return { id: fileName, stem: whole, suffix: kind };
  const stem = whole.slice(0, counter.index);
  return { id: stem + suffix, stem, suffix: kind, tries };
}

function readTries(leftText: string, doneText: string | undefined): EntryTries | undefined {
  const left = Number(leftText);
  const done = Number(doneText ?? "0");
  if (left > maxCounter || done > maxCounter) return undefined;
  return { left, done, leftWidth: leftText.length, doneWidth: doneText?.length };
}

/** The file name; counters are padded with zeros to their width. */
export function formatEntryName(name: EntryName): string {
  if (name.tries === undefined) return name.id;
  const { left, done, leftWidth, doneWidth } = name.tries;
  const doneText = doneWidth === undefined ? "" : `-${String(done).padStart(doneWidth, "0")}`;
  return `${name.stem}+${String(left).padStart(leftWidth, "0")}${doneText}${name.id.slice(name.stem.length)}`;
}

/**
 * The name after the loader has tried the entry once: one try less, one more done, each in its width; the done counter
 * stays at the largest number of its width. A name without a counter stays as it is.
 */
export function countDown(name: EntryName): EntryName {
  if (name.tries === undefined) return name;
  const { left, done, leftWidth, doneWidth = 1 } = name.tries;
  const doneMax = Math.min(maxCounter, 10 ** doneWidth - 1);
  const tries = { left: Math.max(0, left - 1), done: Math.min(done + 1, doneMax), leftWidth, doneWidth };
  return { ...name, tries };
}

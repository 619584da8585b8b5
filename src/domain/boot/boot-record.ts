// What is remembered of boots, below /var/lib/holdfast/boot (P8). Losing all of it costs evidence, never a boot (P7).
import type { Version } from "../../base/ids.ts";

/** A health check that did not pass. */
export interface FailedCheck {
  readonly name: string;
  readonly text: string;
}

/** `given-back`: shut down cleanly before there was a verdict. */
export type BootVerdict = "good" | "bad" | "given-back";

export interface BootSeen {
  readonly bootId: string;
  readonly atMs: number;
  readonly version?: Version;
  /** File name of the entry without counter. */
  readonly entryId?: string;
  /** The loader counts the boots of its entry. */
  readonly counted: boolean;
  readonly verdict?: BootVerdict;
  readonly failed?: readonly FailedCheck[];
}

/** `boot/boots.json`: the last boots, newest first. */
export interface BootsRecord {
  readonly format: 1;
  readonly boots: readonly BootSeen[];
  /** Names of crash reports that were looked at; absent before the first look. */
  readonly panicsSeen?: readonly string[];
}

/** A version whose boots used up its tries. */
export interface TrialSeen {
  readonly version: Version;
  /** How often that has happened without evidence against it. */
  readonly exhausted: number;
  /** It has its tries again: when they are used up, that is news. */
  readonly open: boolean;
  readonly atMs: number;
}

/** `boot/trials.json` */
export interface TrialsRecord {
  readonly format: 1;
  readonly trials: readonly TrialSeen[];
}

/** `boot/try.json`: a version that a person boots once. */
export interface TryRecord {
  readonly format: 1;
  readonly version: Version;
  /** What ran when it was asked for, and is to run again. */
  readonly back: Version;
  readonly atMs: number;
  /** The boot in which it was asked for. */
  readonly bootId?: string;
}

/** `boot/units.json`: units of the last boot that was found good, which had not failed. */
export interface FineUnitsRecord {
  readonly format: 1;
  readonly version?: Version;
  readonly atMs: number;
  readonly fine: readonly string[];
}

/** `boot/fell-back.json`: the last version that was given up, for people. */
export interface FellBackRecord {
  readonly format: 1;
  readonly version: Version;
  /** What runs instead. */
  readonly to?: Version;
  readonly atMs: number;
  readonly evidence: string;
  readonly text: string;
  /** Lines of what was found: checks, messages of the initrd, the end of the log. */
  readonly details: readonly string[];
}

/** So many boots are remembered. */
const bootsMax = 32;

/** With `boot` first; what was known of the same boot is replaced. */
export function withBoot(record: BootsRecord | undefined, boot: BootSeen): BootsRecord {
  const others = (record?.boots ?? []).filter(({ bootId }) => bootId !== boot.bootId);
  return { ...record, format: 1, boots: [boot, ...others].slice(0, bootsMax) };
}

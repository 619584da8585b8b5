// What the commands about boots answer, as `--json` prints it and as their text is drawn from. Fields are added, never
// renamed or removed.

export interface CheckLine {
  readonly name: string;
  readonly required: boolean;
  readonly state: "passed" | "failed" | "skipped";
  readonly text: string;
  readonly durationMs: number;
  /** The end of what a program wrote. */
  readonly output?: string;
}

/** Of `health` and `boot assess`. */
export interface HealthReport {
  readonly version: string | undefined;
  /** Of this boot, without counter; undefined where nothing says it. */
  readonly entry: string | undefined;
  /** The boot loader counts this boot. */
  readonly counted: boolean;
  readonly verdict: "good" | "bad";
  readonly checks: readonly CheckLine[];
}

export interface BootRejectReport {
  readonly version: string | undefined;
  /** The machine is to start again, so that the loader counts on. */
  readonly startsAgain: boolean;
  readonly because: string;
}

export interface GiveBackReport {
  /** File name of the entry as it is called now; undefined where nothing was given back. */
  readonly entry: string | undefined;
  readonly because: string;
}

/** A version that was given up since the last look. */
export interface GivenUpLine {
  readonly version: string;
  readonly verdict: "quarantined" | "unproven";
  readonly evidence: string;
  readonly text: string;
  readonly details: readonly string[];
}

/** A copy of the boot loader on the ESP. */
export interface LoaderCopyLine {
  readonly path: string;
  readonly state: "current" | "updated" | "waits" | "left-alone";
  readonly because: string;
}

export interface ConfirmReport {
  readonly version: string | undefined;
  readonly entry: string | undefined;
  /** What the ESP says: without a counter it is blessed. */
  readonly blessing: "blessed" | "still-counted" | "gone" | "unknown-entry" | "not-judged";
  readonly because: string;
  readonly givenUp: readonly GivenUpLine[];
  readonly loader: readonly LoaderCopyLine[];
  readonly notices: readonly string[];
  readonly bootsNext: string | undefined;
}

export interface QuarantineLine {
  readonly version: string;
  readonly atMs: number;
  readonly evidence: string;
  readonly text: string;
  readonly installed: boolean;
}

export interface QuarantineReport {
  readonly versions: readonly QuarantineLine[];
}

export interface QuarantineLiftReport {
  readonly version: string;
  readonly installed: boolean;
}

export interface TryReport {
  readonly version: string;
  /** `kept`: it boots from now on; `armed`: it boots once. */
  readonly outcome: "armed" | "kept";
  readonly back: string | undefined;
  readonly bootsNext: string | undefined;
  readonly notices: readonly string[];
}

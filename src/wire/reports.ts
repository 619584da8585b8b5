// What every command answers, as `--json` prints it and as its text is drawn from. Times are milliseconds since
// the epoch, sizes are bytes. Fields are added, never renamed or removed.

export type TrustWord = "proven" | "adopted" | "unproven";

/** A boot entry in the loader's order. */
export interface MenuLine {
  readonly position: number;
  readonly id: string;
  readonly fileName: string;
  readonly path: string;
  readonly title: string | undefined;
  readonly version: string | undefined;
  /** `undefined`: no counter, judged good. */
  readonly triesLeft: number | undefined;
  readonly triesDone: number | undefined;
  readonly ours: boolean;
  readonly bootsNext: boolean;
  readonly wayBack: boolean;
  readonly running: boolean;
  readonly verdict:
    | "sound"
    | "unchecked"
    | "incomplete"
    | "damaged"
    | "refused-by-firmware"
    | "ignored-by-loader"
    | "foreign";
  readonly problems: readonly string[];
}

export interface VersionLine {
  readonly version: string;
  readonly installed: boolean;
  /** Not installed, but downloaded: in part, or wholly and waiting for `update --offline`. */
  readonly staged?: "partial" | "pending";
  /** Everything of it is here under today's definitions. */
  readonly complete: boolean;
  readonly available: boolean;
  readonly newest: boolean;
  readonly running: boolean;
  readonly wayBack: boolean;
  readonly bootsNext: boolean;
  readonly pinned: boolean;
  readonly protected: boolean;
  readonly obsolete: boolean;
  /** The repository offers other bytes under this version than the ones installed. */
  readonly republished: boolean;
  readonly quarantine: string | undefined;
  readonly trust: TrustWord | undefined;
  readonly verifiedAtMs: number | undefined;
  readonly installedAtMs: number | undefined;
  /** On the machine, in words: what is absent or damaged. */
  readonly lacks: readonly string[];
  /** At the source, in words: what is absent, so that it is not offered. */
  readonly sourceLacks: readonly string[];
  readonly sizeBytes: number;
}

export interface FileSystemLine {
  readonly mountPoint: string;
  readonly type: string;
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly readOnly: boolean;
}

export interface FindingLine {
  readonly code: string;
  readonly severity: "error" | "warning" | "info";
  readonly subject: string;
  readonly sentence: string;
  readonly remedy: string;
  readonly repairable: boolean;
}

/** What is known of the last boot that was looked at, and of versions that were given up. */
export interface BootLine {
  readonly version: string | undefined;
  readonly atMs: number;
  /** It is the boot that goes on. */
  readonly now: boolean;
  readonly counted: boolean;
  /** `undefined`: it was not judged. */
  readonly verdict: "good" | "bad" | "given-back" | undefined;
  readonly failed: readonly { readonly name: string; readonly text: string }[];
}

export interface FellBackLine {
  readonly version: string;
  readonly to: string | undefined;
  readonly atMs: number;
  /** `none`: it is unproven, and is tried once more. */
  readonly evidence: string;
  readonly text: string;
  readonly details: readonly string[];
}

export interface StatusReport {
  readonly running: string | undefined;
  /** How the running version is known, or why it is not. */
  readonly runningBecause: string;
  readonly onTrial: boolean;
  readonly versions: readonly VersionLine[];
  readonly menu: readonly MenuLine[];
  readonly bootsNext: string | undefined;
  readonly bootsNextBecause: string;
  /** Ids of what boots after that, if what comes before never comes up. */
  readonly bootsThen: readonly string[];
  readonly wayBack: string | undefined;
  readonly lastCheck:
    | { readonly atMs: number; readonly signedAtMs: number | undefined; readonly newest: string | undefined }
    | undefined;
  /** Whether the firmware starts signed images only; absent where there is no such firmware, or it is out of reach. */
  readonly secureBoot?: "on" | "off" | "setup-mode" | "shim-insecure" | "unreadable";
  readonly held: { readonly untilMs: number | undefined } | undefined;
  readonly lock: { readonly pid: number; readonly command: string; readonly sinceMs: number } | undefined;
  /** Absent where no boot was ever judged here. */
  readonly boot?: BootLine;
  /** The last version that was given up, as long as that holds. */
  readonly fellBack?: FellBackLine;
  /** Versions that are passed over, installed or not; `rolled-back` is the word of a person. */
  readonly quarantined?: readonly { readonly version: string; readonly evidence: string }[];
  /** A version that boots, or runs, once. */
  readonly trying?: { readonly version: string; readonly back: string };
  /** One line: why nothing has happened, if nothing has. */
  readonly idleBecause: string;
  readonly espPath: string | undefined;
  /** `false`: a folder stands for the ESP; nothing FAT does is at work. */
  readonly espIsFat: boolean;
  readonly fileSystems: readonly FileSystemLine[];
  readonly findings: readonly FindingLine[];
  readonly nowMs: number;
}

export interface CheckReport {
  readonly available: string | undefined;
  readonly installed: string | undefined;
  /** Why there is nothing, when there is nothing. */
  readonly because: string;
  /** By delta where one starts from what is here. */
  readonly downloadBytes: number | undefined;
  /** Set where less may do: chunks of what is here have not been counted. */
  readonly downloadIsAtMost?: true;
  /** If everything came as whole files; absent where that is what is downloaded. */
  readonly wholeBytes?: number;
  readonly diskBytes: number | undefined;
  /** URLs of release notes. */
  readonly notes: readonly string[];
  readonly signedAtMs: number | undefined;
  readonly signer: string | undefined;
  readonly notices: readonly string[];
}

export interface ListReport {
  readonly versions: readonly VersionLine[];
  /** Why the sources could not be asked, when they could not. */
  readonly sourceProblem: string | undefined;
  /** `AppStream=` of the transfers, each URL once. */
  readonly appStreamUrls?: readonly string[];
}

export interface PlanLine {
  readonly kind: string;
  readonly title: string;
  readonly bytes: number | undefined;
}

export interface SpaceLine {
  readonly mountPoint: string;
  readonly availableBytes: number;
  readonly peakBytes: number;
  readonly netBytes: number;
}

/** A way in which the bytes of a resource could come. */
export interface WayLine {
  readonly way: "whole" | "chunks" | "delta";
  /** The version that a delta starts from. */
  readonly from: string | undefined;
  /** `undefined`: not known before it is tried. */
  readonly downloadBytes: number | undefined;
  readonly requests: number;
  readonly memoryBytes: number;
  /** What is tried first. */
  readonly chosen: boolean;
  /** Why it comes later or not at all; for the one that is chosen, on what it depends, mostly empty. */
  readonly because: string;
}

export interface ResourceWays {
  /** At the source. */
  readonly name: string;
  readonly ways: readonly WayLine[];
}

/** A resource of the new version. */
export interface InstalledLine {
  readonly transfer: string;
  /** Of the file or folder; of a partition its device node. */
  readonly path: string;
}

export interface UpdateReport {
  readonly outcome: "done" | "nothing-to-do" | "planned" | "acquired" | "done-with-finding";
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly because: string;
  readonly wayBack: string | undefined;
  readonly steps: readonly PlanLine[];
  readonly space: readonly SpaceLine[];
  readonly downloadBytes: number | undefined;
  /** Bytes that crossed the line in this run. */
  readonly transferredBytes: number;
  /** What an update that is done has put in place. */
  readonly installed?: readonly InstalledLine[];
  /** Of a plan: how each resource would come, where its repository offers more than whole files. */
  readonly ways?: readonly ResourceWays[];
  readonly notices: readonly string[];
  readonly findings: readonly FindingLine[];
  readonly menu: readonly MenuLine[];
  readonly bootsNext: string | undefined;
}

export interface RollbackReport {
  readonly from: string | undefined;
  readonly to: string;
  readonly bootsNext: string | undefined;
  readonly menu: readonly MenuLine[];
  readonly notices: readonly string[];
}

export interface DoctorReport {
  readonly healthy: boolean;
  readonly deep: boolean;
  readonly findings: readonly FindingLine[];
  /** What `--repair` did, a sentence each. */
  readonly repaired: readonly string[];
  readonly checkedBytes: number;
  readonly menu: readonly MenuLine[];
}

export interface VacuumReport {
  readonly removed: readonly { readonly version: string; readonly why: string; readonly freedBytes: number }[];
  readonly sweptLeftovers: number;
  readonly kept: readonly { readonly version: string; readonly because: string }[];
  /** Instances of transfers that are switched off by a feature; systemd counts them apart. */
  readonly disabledInstances: number;
}

/** What `notify` told the person at the screen. */
export interface NotifyReport {
  readonly told: readonly {
    readonly kind: "fell-back" | "reboot-due" | "available";
    readonly version: string;
    readonly summary: string;
    readonly body: string;
  }[];
  readonly toldBefore: number;
}

export interface HistoryLine {
  readonly atMs: number;
  readonly event: string;
  readonly version: string | undefined;
  readonly text: string;
}

export interface LintLine {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly files: readonly string[];
  readonly sentence: string;
  readonly remedy: string;
}

export interface LintReport {
  readonly folders: readonly string[];
  readonly transfers: number;
  readonly findings: readonly LintLine[];
}

/** One instance in full, for `list VERSION` and `sysupdate list VERSION`. */
export interface ContentLine {
  readonly transfer: string;
  readonly type: string;
  readonly path: string;
  readonly partitionUuid?: string;
  readonly partitionFlags?: bigint;
  readonly mtimeUs?: bigint;
  readonly mode?: number;
  readonly sizeBytes?: number;
  readonly triesDone?: number;
  readonly triesLeft?: number;
  readonly noAuto?: boolean;
  readonly readOnly?: boolean;
  readonly growFileSystem?: boolean;
  readonly sha256?: string;
}

/** What `image build` made. */
export interface ImageBuildReport {
  readonly name: string;
  readonly version: string;
  readonly profile: string;
  /** The folder that has the files now, or the repository in which they are staged. */
  readonly output: string;
  /** No client sees them before `repo commit`. */
  readonly staged: boolean;
  readonly signed: boolean;
  readonly files: readonly { readonly name: string; readonly sizeBytes: number; readonly sha256: string }[];
}

/** What `image install` made. */
export interface InstallReport {
  readonly disk: string;
  readonly name: string;
  readonly version: string;
  readonly layout: "kde" | "ab";
  readonly trust: TrustWord;
  /** Who signed the release; `undefined` when nobody was asked to. */
  readonly signer: string | undefined;
  /** Where the machine takes its updates from. */
  readonly source: string;
  /** Below the ESP's root. */
  readonly entry: string;
  readonly partitions: readonly {
    readonly number: number;
    readonly label: string;
    readonly sizeBytes: number;
    readonly fileSystem: string | undefined;
  }[];
}

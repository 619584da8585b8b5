// The definitions of an update, as values: transfers, features and components (sysupdate.d(5), interfaces D.1).
import type { Uuid, Version } from "../base/ids.ts";
import type { Pattern } from "./pattern.ts";
import type { Suggestion } from "./suggestion.ts";

export { parseComponent } from "./component-file.ts";
export { parseFeature } from "./feature-file.ts";
export { expandSpecifiers, type Specifiers } from "./specifier.ts";
export { parseTransfer } from "./transfer-file.ts";
export type { UnitSource, Warning } from "./unit-file.ts";

export interface Transfer {
  /** The file name without its suffix. */
  readonly id: string;
  readonly file: string;
  /** Versions older than this are obsolete. */
  readonly minVersion?: Version;
  /** Versions newer than this are not offered (systemd after 262). */
  readonly maxVersion?: Version;
  readonly protectVersions: readonly Version[];
  /** Whether the manifest's signature is demanded (P9). */
  readonly verify: boolean;
  /** URLs in which `@v` stands for the version. */
  readonly changeLog: readonly string[];
  readonly appStream: readonly string[];
  readonly features: readonly string[];
  readonly requisiteFeatures: readonly string[];
  readonly source: TransferSource;
  readonly target: TransferTarget;
}

export type SourceType = "url-file" | "url-tar" | "tar" | "regular-file" | "directory" | "subvolume";
export type TargetType = "partition" | "regular-file" | "directory" | "subvolume";

export interface TransferSource {
  readonly type: SourceType;
  /** An http, https or file URL for url-file and url-tar, otherwise an absolute path without `.` and `..`. */
  readonly path: string;
  /** "explicit": below what `--transfer-source=` names. */
  readonly pathRelativeTo: "root" | "explicit";
  readonly patterns: readonly Pattern[];
  /** Of url-file: URL of a store of chunks (`X-ChunkStore=`; others ignore keys with X-). */
  readonly chunkStore?: string;
}

export interface TransferTarget {
  readonly type: TargetType;
  /** An absolute path without `.` and `..`, or "auto": the disk that holds `/`. */
  readonly path: string;
  readonly pathRelativeTo: "root" | "esp" | "xbootldr" | "boot" | "explicit";
  /** The first names new instances, all of them match old ones. */
  readonly patterns: readonly Pattern[];
  readonly partitionType?: Uuid;
  readonly partitionUuid?: Uuid;
  readonly partitionFlags?: bigint;
  readonly noAuto?: boolean;
  readonly growFileSystem?: boolean;
  readonly readOnly?: boolean;
  readonly mode?: number;
  readonly triesDone?: number;
  readonly triesLeft?: number;
  /** At least 2; absent: as many as there are partitions to hold them. */
  readonly instancesMax?: number;
  readonly removeTemporary: boolean;
  readonly currentSymlink?: string;
}

export interface Feature {
  readonly id: string;
  readonly file: string;
  readonly description?: string;
  readonly documentation: readonly string[];
  readonly appStream?: string;
  readonly enabled: boolean;
  readonly suggestion: Suggestion;
}

export interface Component {
  readonly id: string;
  readonly file: string;
  readonly description?: string;
  readonly documentation: readonly string[];
  readonly enabled: boolean;
  readonly suggestion: Suggestion;
}

/** Whether a transfer takes part: all requisite features on, and one of `features` where it names any. */
export function transferEnabled(transfer: Transfer, enabledFeatures: ReadonlySet<string>): boolean {
  if (!transfer.requisiteFeatures.every((feature) => enabledFeatures.has(feature))) return false;
  return transfer.features.length === 0 || transfer.features.some((feature) => enabledFeatures.has(feature));
}

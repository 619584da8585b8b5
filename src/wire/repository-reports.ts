// What the commands of a publisher print as JSON.

export interface RepoInitReport {
  readonly folder: string;
  readonly serial: number;
  readonly expires: string;
  /** How many keys machines may be given. */
  readonly keys: number;
  /** As gpg shows it; `undefined` until something was signed that tells. */
  readonly fingerprint: string | undefined;
}

export interface RepoFileLine {
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface RepoAddReport {
  readonly folder: string;
  readonly version: string;
  /** It was staged before, with the same bytes. */
  readonly already: boolean;
  readonly resources: readonly (RepoFileLine & {
    readonly role: "image" | "addon" | "entry";
    readonly chunks: number;
  })[];
  /** Packs of chunks that no release before had. */
  readonly packs: readonly RepoFileLine[];
  readonly deltas: readonly (RepoFileLine & { readonly resource: string; readonly from: string })[];
  /** What could not be looked into, a sentence each. */
  readonly notices: readonly string[];
}

export interface RepoCommitReport {
  readonly folder: string;
  readonly versions: readonly string[];
  readonly serial: number;
  readonly created: string;
  readonly expires: string;
  /** Whether an earlier run was cut off and is finished now. */
  readonly finished: boolean;
}

export interface RepoWithdrawReport {
  readonly folder: string;
  readonly version: string;
  /** `staged`: nobody had seen it yet. */
  readonly was: "offered" | "staged";
  readonly serial: number;
  /** The newest that is still offered. */
  readonly newest: string | undefined;
}

interface FileCount {
  readonly files: number;
  readonly bytes: number;
}

export interface RepoPruneReport {
  readonly folder: string;
  readonly kept: readonly string[];
  readonly dropped: readonly string[];
  readonly removed: FileCount;
  /** Not named any more, and left until their grace is over. */
  readonly waiting: FileCount & { readonly untilMs: number | undefined };
  readonly serial: number;
}

export interface RepoVerifyReport {
  readonly folder: string;
  readonly serial: number;
  readonly expires: string;
  readonly releases: number;
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  /** Of the chunks in the store, where not all were read. */
  readonly samplePercent: number;
  readonly findings: readonly {
    /** `damaged`: a client would fail; `warning`: one would not yet. */
    readonly severity: "damaged" | "warning";
    readonly file: string;
    readonly sentence: string;
    readonly remedy: string;
  }[];
}

export interface RepoDiffReport {
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  readonly resources: readonly {
    readonly name: string;
    /** The same resource of the older release; `undefined`: it had none. */
    readonly fromName: string | undefined;
    readonly wholeBytes: number;
    /** With the index and the map by which they are found; `undefined`: it is not cut into chunks. */
    readonly chunks: RepoCost | undefined;
    /** `undefined`: there is nothing to make it from, or it would not be worth it. */
    readonly delta: (RepoCost & { readonly published: boolean }) | undefined;
    /** Clusters of the image that zstd does not make again bit for bit. */
    readonly unreproducedBytes: number;
  }[];
  /** The cheapest of the three for each, together. */
  readonly bestBytes: number;
  /** Inside images, dearest first; an estimate. */
  readonly files: readonly { readonly path: string; readonly targetBytes: number; readonly deltaBytes: number }[];
  readonly advice: readonly string[];
}

interface RepoCost {
  readonly bytes: number;
  readonly requests: number;
}

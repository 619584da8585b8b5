// What the thread that fuzzes and the one that watches it say to each other.

export interface WorkOrder {
  readonly root: string;
  readonly target: string;
  readonly seed: number;
  readonly executions: number;
  readonly seconds: number;
  /** Stored inputs, in the order of their names. */
  readonly corpus: readonly Uint8Array[];
  /** `Shared`, and room for one input. */
  readonly shared: SharedArrayBuffer;
}

/** Places in the Int32Array at the beginning of the shared memory; the input under way follows. */
export const shared = { executions: 0, inputBytes: 1, edges: 2, corpus: 3 } as const;
export const sharedHeadBytes = 64;
export const inputBytesMax: number = 1 << 20;

export type CrashKind = "threw" | "slow" | "allocated" | "hung" | "died";

export interface Crash {
  readonly kind: CrashKind;
  readonly bytes: Uint8Array;
  /** What was thrown, or how much of what was used. */
  readonly what: string;
}

export interface WorkDone {
  readonly executions: number;
  /** Of the thread's processor time: what else the machine does is not counted. */
  readonly seconds: number;
  /** Inputs that between them reach every edge that was reached, the shortest first. */
  readonly corpus: readonly Uint8Array[];
  readonly edges: { readonly reached: number; readonly total: number };
  readonly slowestMilliseconds: number;
  readonly largestBytes: number;
}

export type FromWorker = { readonly crash: Crash } | { readonly done: WorkDone };

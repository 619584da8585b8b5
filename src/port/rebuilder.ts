// The Rebuilder port: decompressing, patching and compressing again what a repository sends, without privileges. Its input
// is what a server made up until the digest of the whole has been compared (P9).
import type { DeltaGroup, Encoder } from "../format/delta-file.ts";

export interface RebuildJob {
  readonly group: DeltaGroup;
  readonly encoders: readonly Encoder[];
  /** Asked for once, when it is this job's turn. What it throws is what the job throws. */
  readonly input: () => Promise<RebuildInput>;
}

/** Whoever asked for it owns it, and may free it. */
export interface RebuildInput {
  /** The content of the group's references one behind the other, as it lies in the old file. */
  readonly old: Uint8Array;
  /** What came with the delta. */
  readonly section: Uint8Array;
}

/** One job after the other. Fault codes besides those named: `worker-failed`, also for a job that says nothing for long. */
export interface RebuilderRun extends AsyncDisposable {
  /** What the steps that do not copy make, one behind the other, exactly as long. Fault codes: `delta-cluster`, `delta-section`. */
  rebuild(job: RebuildJob): Promise<Uint8Array>;
  /** One stored chunk, at most `length` bytes. Fault codes: `chunk-compression`, `chunk-damaged`. */
  decompress(stored: Uint8Array, length: number): Promise<Uint8Array>;
}

export interface Rebuilder {
  /** Whatever works for it is gone once it is disposed of. `signal` ends the job that is running, with its reason. */
  start(signal: AbortSignal): RebuilderRun;
}

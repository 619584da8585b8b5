// Makes a delta between two files on this machine.
import type { Sha256 } from "../base/ids.ts";
import type { LocalBytes } from "./reader.ts";

export interface DeltaRequest {
  readonly old: LocalBytes;
  readonly target: LocalBytes;
  /** Takes the delta's bytes in order. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** zstd's level for what is shipped. */
  readonly level?: number;
  /** Compressions at a time, in threads of zlib's own; 2 where absent. */
  readonly parallel?: number;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Bytes of the target, and what they cost in the delta. */
export interface DeltaShare {
  readonly targetBytes: number;
  readonly deltaBytes: number;
}

export interface DeltaReport {
  /** As they lie in the old file. */
  readonly copiedBytes: number;
  readonly patched: DeltaShare;
  /** Clusters that zstd does not make again bit for bit, and went in compressed. */
  readonly unreproducedBytes: number;
  readonly headBytes: number;
  /** The files that cost most, an estimate by their part of each section; empty where the image is not understood. */
  readonly files: readonly (DeltaShare & { readonly path: string })[];
}

export interface MadeDelta {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  readonly head: { readonly sizeBytes: number; readonly sha256: Sha256 };
  /** As the manifest names it. */
  readonly encoder: string;
  readonly memoryBytes: number;
  readonly report: DeltaReport;
}

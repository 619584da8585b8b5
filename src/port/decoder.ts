// The Decoder port: decompressing and unpacking, done without privileges and with bounded memory.
// It is only ever fed bytes whose digest has been proven (P9), so what it defends against is a careless publisher.

export type Compression = "gz" | "xz" | "zst" | "bz2";

export type TarItem =
  | {
      readonly kind: "folder";
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly mtimeUs: bigint;
    }
  | {
      readonly kind: "file";
      readonly path: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      readonly mtimeUs: bigint;
      readonly sizeBytes: number;
      /** Must be drained before the next item is asked for. */
      readonly content: AsyncIterable<Uint8Array>;
    }
  | {
      readonly kind: "symlink";
      readonly path: string;
      readonly target: string;
      readonly uid: number;
      readonly gid: number;
    }
  | { readonly kind: "hardlink"; readonly path: string; readonly target: string };

/** Fault codes: `not-compressed`, `damaged-archive`, `too-large`, `tool-missing`, `escapes-folder`. */
export interface Decoder {
  /** Throws `too-large` once more than `maxBytes` come out. */
  decompress(compression: Compression, input: AsyncIterable<Uint8Array>, maxBytes: number): AsyncIterable<Uint8Array>;
  /** Paths are relative, normalised and without `..`; anything else is a Fault `escapes-folder`. */
  untar(input: AsyncIterable<Uint8Array>): AsyncIterable<TarItem>;
}

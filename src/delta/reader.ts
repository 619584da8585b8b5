// Where src/delta takes bytes from: it opens no files and no connections, it is given readers (issue 5, contracts).
import type { ReleaseFile } from "../format/release-files.ts";

/** Bytes that lie on this machine: an installed image, a partial download, a file the user named. A DiskFile is one. */
export interface LocalBytes {
  /** Fills `into` from `offset`; returns fewer bytes only at the end. */
  read(offset: number, into: Uint8Array): Promise<number>;
  size(): Promise<number>;
}

/** Bytes of one file of the repository, [offset, offset+length); may be hostile until checked. */
export type FetchRange = (file: ReleaseFile, offset: number, length: number) => AsyncIterable<Uint8Array>;

// The Volumes port: whole file systems and partition tables, as opposed to the files in them (P11, disk model).
import type { PartitionChange, PartitionTable } from "../format/partition-table.ts";
import type { DiskFile, FileSystem, OpenMode } from "./disk.ts";

/** What an unmounted FAT volume's own flags and fsck.fat say. */
export type VolumeHealth =
  | { readonly kind: "clean" }
  | { readonly kind: "dirty"; readonly findings: readonly string[] }
  /** It cannot be known here (not FAT, or not a block device we may read); `why` says so in a clause. */
  | { readonly kind: "unknown"; readonly why: string };

/** Fault codes: `no-partition-table`, `not-a-block-device`, `volume-busy`, `check-failed`, `no-permission`, `io-error`, `tool-missing`. */
export interface Volumes {
  // A device is a block device, or an image file with a partition table; below /dev it is the host's even with a root.
  /** The disk that holds the file system at `/`, for `Path=auto`. */
  rootDisk(): Promise<string>;
  readTable(device: string): Promise<PartitionTable>;
  /** Applies all changes as one write of the table, then reads it back and throws `io-error` unless it says what was asked. */
  changeTable(device: string, changes: readonly PartitionChange[]): Promise<void>;
  /** The bytes of one partition, and no others, as a file of exactly its size; `truncate` and attributes throw. */
  openPartition(device: string, number: number, mode: Exclude<OpenMode, "create">): Promise<DiskFile>;
  /** Looks without writing. */
  health(fileSystem: FileSystem): Promise<VolumeHealth>;
  /** Unmounts, runs fsck.fat, mounts again: the only thing that may touch a FAT volume in doubt. */
  repair(fileSystem: FileSystem): Promise<VolumeHealth>;
}

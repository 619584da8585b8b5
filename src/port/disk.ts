// The Disk port: every file, folder and link of the machine. The disk model in DESIGN.md says what an
// implementation promises across a crash; nothing above this port may rely on more (P6).

/** An absolute path on the machine, `/` separated, normalised. An adapter with a root keeps every path inside it. */
export type MachinePath = string;

export type NodeKind = "file" | "folder" | "symlink" | "device" | "other";

export interface FileStat {
  readonly kind: NodeKind;
  readonly sizeBytes: number;
  /** Taken on the medium: less than the size where it has holes, more where room is reserved. */
  readonly takenBytes: number;
  /** Permission bits, 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Microseconds since the epoch. */
  readonly mtimeUs: bigint;
  /** Changes whenever content or metadata changed: inode, ctime and size in one comparable string. */
  readonly stamp: string;
  readonly links: number;
}

export interface FolderItem {
  readonly name: string;
  readonly kind: NodeKind;
}

/** A file system, as far as the plan needs to know it. */
export interface FileSystem {
  /** The same for two paths on one file system. */
  readonly id: string;
  /** `vfat`, `ext4`, `btrfs`, `xfs`, `tmpfs`, … or `unknown`. */
  readonly type: string;
  readonly mountPoint: MachinePath;
  readonly device: string | undefined;
  readonly totalBytes: number;
  readonly availableBytes: number;
  /** The allocation unit: what a file of one byte takes. */
  readonly blockBytes: number;
  readonly readOnly: boolean;
}

/** An open file. Reads and writes are complete or throw; a write is durable only after `sync` has returned. */
export interface DiskFile extends AsyncDisposable {
  readonly path: MachinePath;
  size(): Promise<number>;
  /** Fills `into` from `offset`; returns fewer bytes only at the end of the file. */
  read(offset: number, into: Uint8Array): Promise<number>;
  write(offset: number, bytes: Uint8Array): Promise<void>;
  truncate(sizeBytes: number): Promise<void>;
  /** Flushes content and metadata. After a failure the file must be abandoned: a second flush proves nothing. */
  sync(): Promise<void>;
  setMode(mode: number): Promise<void>;
  setTime(mtimeUs: bigint): Promise<void>;
  setOwner(uid: number, gid: number): Promise<void>;
}

export type OpenMode =
  /** Existing file, read only. */
  | "read"
  /** Existing file, read from the medium: past the page cache where the file system allows it. */
  | "medium"
  /** A file that must not exist yet. */
  | "create"
  /** An existing file, read and write, content kept: for resuming. */
  | "modify";

/** Fault codes: `not-found`, `exists`, `no-space`, `read-only`, `no-permission`, `io-error`, `not-a-folder`, `not-empty`, `outside-root`. */
export interface Disk {
  /** Items in byte order of their names. Fault `not-found` when the folder is absent. */
  list(folder: MachinePath): Promise<readonly FolderItem[]>;
  /** Does not follow a link in the last component. */
  stat(path: MachinePath): Promise<FileStat | undefined>;
  /** Follows links (inside the root); the path that is really meant. `undefined` when it leads nowhere. */
  resolve(path: MachinePath): Promise<MachinePath | undefined>;
  readLink(path: MachinePath): Promise<string>;
  open(path: MachinePath, mode: OpenMode): Promise<DiskFile>;
  /** Renames without overwriting: Fault `exists` when `to` is there. Durable after `syncFolder` of both folders. */
  rename(from: MachinePath, to: MachinePath): Promise<void>;
  /** Renames over an existing file. Never used on FAT. */
  replace(from: MachinePath, to: MachinePath): Promise<void>;
  /** Without `owner` the link belongs to whoever we are. */
  symlink(target: string, path: MachinePath, owner?: { readonly uid: number; readonly gid: number }): Promise<void>;
  hardLink(existing: MachinePath, path: MachinePath): Promise<void>;
  remove(path: MachinePath): Promise<void>;
  makeFolder(path: MachinePath): Promise<void>;
  removeFolder(path: MachinePath): Promise<void>;
  /** Makes the names in a folder durable. */
  syncFolder(folder: MachinePath): Promise<void>;
  setFolderMode(folder: MachinePath, mode: number, uid: number, gid: number): Promise<void>;
  fileSystem(path: MachinePath): Promise<FileSystem>;
  /** Reserves room for a file that is to grow to `sizeBytes`, or throws `no-space`. The size it reports does not change. */
  reserve(path: MachinePath, sizeBytes: number): Promise<void>;
  /** Marks a tree that Holdfast installed as immutable (subvolume: read-only property), or undoes it. */
  setReadOnly(path: MachinePath, readOnly: boolean): Promise<void>;
  /** Creates a btrfs subvolume, or a plain folder where the file system has none. */
  makeSubvolume(path: MachinePath): Promise<void>;
  /** Removes a subvolume (or the empty folder that stands for one). */
  removeSubvolume(path: MachinePath): Promise<void>;
}

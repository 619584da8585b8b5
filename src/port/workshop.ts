// The Workshop port: where images are built. Packages of a Debian release, the programs that build, and files of the host
// below a scratch folder of its own, which goes when the work ends.

/** A package as it was fetched: a file on the host. */
export interface FetchedPackage {
  readonly name: string;
  readonly version: string;
  readonly file: string;
}

export interface WorkshopEntry {
  /** Relative to the listed folder. */
  readonly path: string;
  readonly kind: "file" | "folder" | "link" | "other";
  readonly mode: number;
  readonly sizeBytes: number;
  /** Of a link. */
  readonly target?: string;
  readonly modifiedSeconds: number;
}

export interface ReleaseSigner {
  /** The public key as a binary keyring. */
  readonly keyring: Uint8Array;
  /** A detached signature. */
  sign(bytes: Uint8Array): Promise<Uint8Array>;
}

export type WorkshopFaultCode =
  | "package-unknown"
  | "packages-unavailable"
  | "tool-failed"
  | "tool-missing"
  | "no-such-file"
  | "bad-key"
  | "cannot-build";

/**
 * All paths are absolute paths of the host. Fault codes: WorkshopFaultCode. Links are followed only where it says so.
 */
export interface Workshop extends AsyncDisposable {
  /** A folder that exists, is empty, and is removed when the workshop is disposed of. On the file system of the output. */
  readonly scratch: string;
  /** The packages and all they depend on, downloaded or taken from the cache; with `only`, those whose name begins so. */
  fetch(suite: string, packages: readonly string[], only?: string): Promise<readonly FetchedPackage[]>;
  /** The folder of the cache in which these are unpacked, one over the other; nobody writes there. */
  unpacked(packages: readonly FetchedPackage[]): Promise<string>;
  /** Runs a program of the tools tree and answers what it printed. Another exit code than 0 is a Fault. */
  run(
    program: string,
    args: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>> },
  ): Promise<string>;
  /** Runs a program of a tree with that tree as its root, and nothing else of the host to be seen. */
  runInside(
    tree: string,
    program: string,
    args: readonly string[],
    options?: { readonly env?: Readonly<Record<string, string>> },
  ): Promise<string>;
  /** Everything below a folder, sorted by path; empty when there is no such folder. */
  list(folder: string): Promise<readonly WorkshopEntry[]>;
  /** Follows links. */
  kindOf(path: string): Promise<"file" | "folder" | "absent">;
  /** Follows links. */
  read(path: string): Promise<Uint8Array>;
  /** Replaces what is there; folders above are made. Mode 0644 unless told. */
  write(path: string, bytes: Uint8Array | string, mode?: number): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
  link(path: string, target: string): Promise<void>;
  makeFolder(path: string): Promise<void>;
  /** Also folders with all that is in them; what is not there is fine. */
  remove(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** A second name of a file where the file system can, else a copy. */
  share(from: string, to: string): Promise<void>;
  /** What is in a folder, laid over what is in another. Modes and links are kept, owners are not. */
  copyTree(from: string, to: string): Promise<void>;
  /** The bytes and the mode. */
  copyFile(from: string, to: string): Promise<void>;
  /** zstd; the same bytes for the same input. */
  compress(bytes: Uint8Array, level: number): Promise<Uint8Array>;
  sha256(path: string): Promise<string>;
  /** An OpenPGP secret key of the host. Fault: `bad-key`. */
  signer(keyFile: string): Promise<ReleaseSigner>;
  /** Flushes a file, or a folder's names. */
  flush(path: string): Promise<void>;
}

// Turns what the kernel says into Faults of the Disk port: a code, the path, and what a person can do.
import { Fault } from "../../base/fault.ts";

interface Meaning {
  readonly code: string;
  readonly state: string;
  readonly hint?: string;
}

const noSpace: Meaning = {
  code: "no-space",
  state: "the file system is full",
  hint: "Free space there, for example with `holdfast vacuum`.",
};
const noPermission: Meaning = {
  code: "no-permission",
  state: "no permission",
  hint: "Run as root. As root, look whether it is a FAT volume: that has no links, owners and modes.",
};

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: "not-found", state: "it does not exist" },
  ELOOP: { code: "not-found", state: "its symbolic links lead in a circle" },
  EEXIST: { code: "exists", state: "it exists already" },
  ENOTDIR: { code: "not-a-folder", state: "it or a part of its path is not a folder" },
  ENOTEMPTY: { code: "not-empty", state: "the folder is not empty" },
  ENOSPC: noSpace,
  EDQUOT: { ...noSpace, state: "the quota is used up" },
  EROFS: {
    code: "read-only",
    state: "the file system is read-only",
    hint: "Remount it writable; a FAT volume that turned read-only needs fsck.fat first.",
  },
  EACCES: noPermission,
  EPERM: noPermission,
  EIO: {
    code: "io-error",
    state: "the device reports an error",
    hint: "Look at the kernel log (journalctl -k): the medium may be failing.",
  },
  EISDIR: { code: "io-error", state: "it is a folder" },
  EINVAL: { code: "io-error", state: "the file system does not do that" },
  EBUSY: { code: "io-error", state: "it is in use" },
  ENAMETOOLONG: { code: "io-error", state: "the name is too long" },
  EXDEV: { code: "io-error", state: "source and target are on different file systems" },
  EFBIG: { code: "io-error", state: "the file would be larger than the file system can hold" },
};

/** The errno name of a system error, or `undefined`. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** `doing` reads like "open /efi/x": the verb and the thing of the sentence. */
export function diskFault(doing: string, error: unknown): Error {
  if (error instanceof Fault) return error;
  const errno = errnoOf(error);
  // Not a system error: a bug of ours, which no Fault should hide.
  if (errno === undefined || errno.startsWith("ERR_")) return error instanceof Error ? error : new Error(String(error));
  const meaning = meanings[errno] ?? { code: "io-error", state: `the kernel answers ${errno}` };
  return new Fault(meaning.code, `Cannot ${doing}: ${meaning.state}`, {
    ...(meaning.hint === undefined ? {} : { hint: meaning.hint }),
    details: { errno },
    cause: error,
  });
}

export async function orFault<T>(doing: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw diskFault(doing, error);
  }
}

// SHA-256 of what a file holds, in pieces, so that memory stays the same for any size.
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { DiskFile } from "../../port/disk.ts";
import type { Hasher } from "../../port/digest.ts";
import type { Session } from "../session.ts";

export type DigestFileFaultCode = "io-error";

const pieceBytes = 1024 * 1024;

/** Feeds the first `sizeBytes` bytes to `hasher`; reports progress when asked to. Throws when the file is shorter. */
export async function hashInto(
  session: Session,
  file: DiskFile,
  hasher: Hasher,
  sizeBytes: number,
  onBytes?: (done: number) => void,
): Promise<void> {
  // Two buffers: the next piece is read while this one is hashed.
  const buffers = [
    new Uint8Array(Math.min(pieceBytes, sizeBytes)),
    new Uint8Array(Math.min(pieceBytes, sizeBytes)),
  ] as const;
  const readAt = (offset: number, turn: number): Promise<number> => {
    const buffer = buffers[turn % 2] as Uint8Array;
    return offset < sizeBytes
      ? file.read(offset, buffer.subarray(0, Math.min(buffer.length, sizeBytes - offset)))
      : Promise.resolve(0);
  };
  let pending = readAt(0, 0);
  let offset = 0;
  for (let turn = 0; offset < sizeBytes; turn++) {
    session.signal.throwIfAborted();
    const length = await pending;
    if (length === 0)
      throw new Fault<DigestFileFaultCode>(
        "io-error",
        `Cannot read ${file.path}: it ends after ${offset} of ${sizeBytes} bytes`,
      );
    pending = readAt(offset + length, turn + 1);
    hasher.update((buffers[turn % 2] as Uint8Array).subarray(0, length));
    offset += length;
    onBytes?.(offset);
  }
  await pending;
}

/** Digest of the first `sizeBytes` bytes, or of all when that is undefined. */
export async function digestFile(
  session: Session,
  file: DiskFile,
  sizeBytes: number | undefined,
  onBytes?: (done: number) => void,
): Promise<Sha256> {
  const hasher = session.machine.digest.sha256();
  await hashInto(session, file, hasher, sizeBytes ?? (await file.size()), onBytes);
  return hasher.finish();
}

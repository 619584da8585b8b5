// Proven bytes read a second time, to be unpacked: what comes out is believed only if they were read as they are (P1, P9).
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import type { Hasher } from "../../port/digest.ts";
import type { Session } from "../session.ts";
import { streamFile } from "./stream-file.ts";

export type ProvenFileFaultCode = "misread";

/** What a decoder says of bytes that are no archive: those that were misread are the first to be suspected. */
export const publishedWrong: ReadonlySet<string> = new Set([
  "not-compressed",
  "damaged-archive",
  "escapes-folder",
  "not-a-tree-item",
]);

/**
 * Gives `work` the bytes of the file at `path`, which were found to have this digest before. A medium or a cable may
 * err between two readings, and not every format notices: Fault `misread` when what was read were other bytes.
 */
export async function withProvenFile<T>(
  session: Session,
  { path, sha256 }: { readonly path: string; readonly sha256: Sha256 },
  work: (bytes: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const hasher = session.machine.digest.sha256();
  let offset = 0;
  let over = false;
  async function* bytes(): AsyncIterable<Uint8Array> {
    for await (const piece of streamFile(session, path)) {
      // A decoder that wants no more may still have asked.
      if (over) return;
      hasher.update(piece);
      offset += piece.length;
      yield piece;
    }
  }
  const end = async (): Promise<void> => {
    over = true;
    await verify(session, { path, sha256, offset, hasher });
  };
  let result: T;
  try {
    result = await work(bytes());
  } catch (error) {
    if (error instanceof Fault && publishedWrong.has(error.code)) await end();
    throw error;
  }
  await end();
  return result;
}

interface Reading {
  readonly path: string;
  readonly sha256: Sha256;
  /** So much of it is in the hasher. */
  readonly offset: number;
  readonly hasher: Hasher;
}

/** A decoder need not read to the end. */
async function verify(session: Session, { path, sha256, offset, hasher }: Reading): Promise<void> {
  for await (const piece of streamFile(session, path, offset)) hasher.update(piece);
  if (hasher.finish() === sha256) return;
  throw new Fault<ProvenFileFaultCode>("misread", `Cannot unpack ${path}: it reads with other bytes than before`, {
    hint: "Nothing was installed. Run holdfast update once more; if it goes on, memory or the medium fails.",
    retriable: true,
  });
}

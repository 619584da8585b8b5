// A file as a stream of pieces, so that memory stays the same for any size.
import type { DiskFile } from "../../port/disk.ts";
import type { Session } from "../session.ts";

const pieceBytes = 1024 * 1024;

/** The bytes of an open file in [`start`, `end`); each piece is a buffer of its own. */
export async function* piecesOf(
  session: Session,
  file: DiskFile,
  start: number,
  end: number,
): AsyncIterable<Uint8Array> {
  for (let at = start; at < end; ) {
    session.signal.throwIfAborted();
    const piece = new Uint8Array(Math.min(pieceBytes, end - at));
    const length = await file.read(at, piece);
    if (length === 0) break;
    yield piece.subarray(0, length);
    at += length;
  }
}

export async function* streamFile(session: Session, path: string, offset: number = 0): AsyncIterable<Uint8Array> {
  await using file = await session.machine.disk.open(path, "read");
  yield* piecesOf(session, file, offset, await file.size());
}

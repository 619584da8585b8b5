// A file as a row of pieces without gaps: the clusters of an erofs image and the metadata between them, or pieces of any
// file whose ends follow from the content, so that they are found again when bytes in front of them come or go.
import { Fault } from "../../base/fault.ts";
import type { ByteReader } from "../../format/pe.ts";
import { type ErofsCluster, type ErofsFile, type ErofsImage, readErofs } from "../../format/erofs/read-erofs.ts";
import type { LocalBytes } from "../reader.ts";
import { cutLengths } from "./fingerprints.ts";
import { readRange } from "../read-fully.ts";

export interface Piece {
  readonly offset: number;
  readonly length: number;
  /** Of what is in its zstd frame; 0 when the bytes are taken as they are. */
  readonly plainLength: number;
  /** Its place in `files`; -1 for metadata and for files that are no image. */
  readonly file: number;
  readonly fileOffset: number;
}

export interface PiecedFile {
  readonly bytes: LocalBytes;
  readonly sizeBytes: number;
  readonly pieces: readonly Piece[];
  /** Of an erofs image. */
  readonly files: readonly ErofsFile[];
  /** Of its zstd clusters; undefined where there are none. */
  readonly windowLog: number | undefined;
}

const zstd = 3;
const metadataBytes = 16 << 10;
const windowBytes = 4 << 20;

/** Throws what reading throws; what is no image that is understood is pieced by content. */
export async function pieceFile(bytes: LocalBytes): Promise<PiecedFile> {
  const sizeBytes = await bytes.size();
  const image = await tryErofs({ sizeBytes, read: (offset, length) => readRange(bytes, offset, length) });
  if (image === undefined)
    return { bytes, sizeBytes, pieces: await byContent(bytes, sizeBytes), files: [], windowLog: undefined };
  const pieces = [...ofImage(image.clusters, sizeBytes)];
  return { bytes, sizeBytes, pieces, files: image.files, windowLog: image.windowLog };
}

async function tryErofs(image: ByteReader): Promise<ErofsImage | undefined> {
  try {
    return await readErofs(image);
  } catch (error) {
    const codes = ["erofs-not-understood", "not-erofs", "erofs-damaged", "erofs-truncated"];
    if (error instanceof Fault && codes.includes(error.code)) return undefined;
    throw error;
  }
}

function* ofImage(clusters: readonly ErofsCluster[], sizeBytes: number): Generator<Piece> {
  let at = 0;
  for (const { offset, length, plainLength, algorithm, file, fileOffset } of clusters) {
    yield* metadata(at, offset);
    yield { offset, length, plainLength: algorithm === zstd ? plainLength : 0, file, fileOffset };
    at = offset + length;
  }
  yield* metadata(at, sizeBytes);
}

function* metadata(start: number, end: number): Generator<Piece> {
  for (let offset = start; offset < end; offset += metadataBytes) {
    const length = Math.min(metadataBytes, end - offset);
    yield { offset, length, plainLength: 0, file: -1, fileOffset: 0 };
  }
}

async function byContent(bytes: LocalBytes, sizeBytes: number): Promise<readonly Piece[]> {
  const pieces: Piece[] = [];
  for (let start = 0; start < sizeBytes; ) {
    const window = await readRange(bytes, start, Math.min(windowBytes, sizeBytes - start));
    let offset = start;
    for (const length of cutLengths(window, start + window.length === sizeBytes)) {
      pieces.push({ offset, length, plainLength: 0, file: -1, fileOffset: 0 });
      offset += length;
    }
    start = offset;
  }
  return pieces;
}

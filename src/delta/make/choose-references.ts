// Which old pieces a group draws upon: those that share most with it for their length, by sampled hashes anywhere in the
// old file, and by what the same file had in the same place.
import type { ErofsFile } from "../../format/erofs/read-erofs.ts";
import type { OldPieces } from "./old-pieces.ts";
import type { Piece } from "./pieces.ts";

/** A piece of the target with what is known of its content. */
export interface SampledPiece {
  readonly piece: Piece;
  readonly plain: Uint8Array;
  readonly samples: Uint32Array;
}

export interface Pairing {
  readonly olds: readonly ErofsFile[];
  readonly news: readonly ErofsFile[];
  /** For each new file its old one, or -1. */
  readonly pairs: Int32Array;
  /** New files by the place of their inode. */
  readonly byInode: readonly { readonly offset: number; readonly file: number }[];
}

/** Of one group, decoded; somewhat more than the group itself has. */
const dictionaryBytes = 9 << 19;
const sampleBytes = 512;
/** How much of a sample a stretch of the same file counts for, where samples say nothing. */
const placeShare = 0.25;
/** A file moves within itself by about this much. */
const slackBytes = 32 << 10;
/** From so many samples on they are believed when they find nothing. */
const samplesTelling = 16;
const inodeShare = 0.25;
/** Less of a piece than this in the group is not worth its decoding: more of them made deltas larger, not smaller. */
const shareMin = 0.12;

/** In the order of the old file. */
export function chooseReferences(old: OldPieces, pairing: Pairing, group: readonly SampledPiece[]): readonly number[] {
  const votes = new Map<number, number>();
  const vote = (piece: number, share: number): void => {
    if (piece >= 0) votes.set(piece, (votes.get(piece) ?? 0) + share);
  };
  for (const { piece, plain, samples } of group) {
    let found = 0;
    for (const sample of samples) {
      const at = old.withSample(sample);
      if (at < 0) continue;
      found += 1;
      vote(at, 1);
    }
    if (piece.file >= 0 && (samples.length < samplesTelling || found * 50 > samples.length))
      voteByPlace(old, pairing, piece, plain.length, vote);
    if (piece.file < 0) voteByInodes(old, pairing, piece, vote);
  }
  return withinLimit(old, votes);
}

function voteByPlace(
  old: OldPieces,
  { pairs }: Pairing,
  piece: Piece,
  length: number,
  vote: (piece: number, share: number) => void,
): void {
  const pair = pairs[piece.file] as number;
  if (pair < 0) return;
  const from = piece.fileOffset - slackBytes;
  const to = piece.fileOffset + length + slackBytes;
  for (const index of old.ofFile(pair)) {
    const start = (old.file.pieces[index] as Piece).fileOffset;
    const overlap = Math.min(to, start + old.contentLength(index)) - Math.max(from, start);
    if (overlap > 0) vote(index, (overlap / sampleBytes) * placeShare);
  }
}

/** Metadata resembles that of the same files. */
function voteByInodes(
  old: OldPieces,
  { olds, pairs, byInode }: Pairing,
  { offset, length }: Piece,
  vote: (piece: number, share: number) => void,
): void {
  let low = 0;
  let high = byInode.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((byInode[middle] as { readonly offset: number }).offset < offset) low = middle + 1;
    else high = middle;
  }
  for (; low < byInode.length; low += 1) {
    const { offset: inode, file } = byInode[low] as { readonly offset: number; readonly file: number };
    if (inode >= offset + length) return;
    const pair = pairs[file] as number;
    if (pair >= 0) vote(old.at((olds[pair] as ErofsFile).inodeOffset), inodeShare);
  }
}

function withinLimit(old: OldPieces, votes: ReadonlyMap<number, number>): readonly number[] {
  const ranked = [...votes]
    .map(([index, count]) => ({ index, share: (count * sampleBytes) / old.contentLength(index) }))
    .filter(({ share }) => share >= shareMin)
    .toSorted((left, right) => right.share - left.share || left.index - right.index);
  const chosen: number[] = [];
  let content = 0;
  let stored = 0;
  for (const { index } of ranked) {
    const length = old.contentLength(index);
    const own = old.range(index).length;
    if (content + length > dictionaryBytes || stored + own > dictionaryBytes) continue;
    content += length;
    stored += own;
    chosen.push(index);
  }
  return chosen.toSorted((left, right) => left - right);
}

// Which disks a power cut may leave, from the record of what was written: all that was flushed, and of the rest any part.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { SeededRandom } from "../../../src/base/random.ts";
import type { LoggedWrite } from "./write-log.ts";

/** A piece of a write, as large as a device writes for sure as one. */
export interface Piece {
  readonly offset: number;
  readonly bytes: number;
  /** In the log. */
  readonly dataOffset: number;
  /** Which write it belongs to: its place in the log. */
  readonly write: number;
  /** On the medium once its write was answered. */
  readonly forced: boolean;
  /** Names place and content: equal pieces have equal ones. */
  readonly digest: bigint;
}

/** What was written between two flushes. */
export interface Epoch {
  readonly pieces: readonly Piece[];
  readonly writes: number;
}

export interface Cut {
  /** All pieces of the epochs before this one are on the medium. */
  readonly epoch: number;
  /** Of this epoch these: places in `pieces`, ascending, so that the last writer of a place wins. */
  readonly kept: readonly number[];
  /** How it was made, for people. */
  readonly how: string;
  /** Nothing was waiting to be written. */
  readonly isAtFlush: boolean;
}

/** Pieces of so many bytes: 4096 for ext4 and btrfs, 512 for FAT; larger writes tear between them. */
export type PieceBytes = (offset: number) => number;

/** Draws that lead to a disk that was had already are drawn again, this often. */
const drawsMax = 10;

/** Cuts the log into epochs and its writes into pieces; the last epoch is what was not flushed at the end. */
export async function epochsOf(
  logPath: string,
  log: readonly LoggedWrite[],
  pieceBytes: PieceBytes,
): Promise<readonly Epoch[]> {
  await using file = await open(logPath);
  const epochs: Epoch[] = [];
  let pieces: Piece[] = [];
  let writes = 0;
  for (const [index, entry] of log.entries()) {
    if (entry.kind === "mark") continue;
    if (entry.flushes && writes > 0) {
      epochs.push({ pieces, writes });
      [pieces, writes] = [[], 0];
    }
    // What a discarded place holds afterwards is the device's affair; it is left as it was, and so is not told apart.
    if (entry.kind !== "write") continue;
    const data = Buffer.alloc(entry.bytes);
    await file.read(data, 0, entry.bytes, entry.dataOffset);
    writes += 1;
    for (let at = 0; at < entry.bytes; ) {
      const size = pieceBytes(entry.offset + at);
      // Up to the next multiple: a write that begins in the middle of a block tears at the block's end.
      const bytes = Math.min(entry.bytes - at, size - ((entry.offset + at) % size));
      const offset = entry.offset + at;
      const digest = nameOf(offset, data.subarray(at, at + bytes));
      pieces.push({ offset, bytes, dataOffset: entry.dataOffset + at, write: index, forced: entry.forced, digest });
      at += bytes;
    }
  }
  return [...epochs, { pieces, writes }];
}

function nameOf(offset: number, data: Uint8Array): bigint {
  const hash = createHash("sha256").update(`${offset} ${data.length} `).update(data).digest();
  return hash.readBigUInt64LE(0);
}

/** Every moment at which nothing was waiting to be written: one for each flush, and the end. */
function boundaries(epochs: readonly Epoch[]): readonly Cut[] {
  const last = epochs.length - 1;
  const all = epochs.map((_, epoch): Cut => ({ epoch, kept: [], how: `at flush ${epoch}`, isAtFlush: true }));
  return [...all, { epoch: last, kept: [...(epochs[last]?.pieces.keys() ?? [])], how: "at the end", isAtFlush: true }];
}

/**
 * A cut somewhere in an epoch: of what was issued until then, the writes that got through came in any order, whole or
 * torn. Forced ones before the cut are there. Epochs count by the root of their writes: a long download is not all there is.
 */
function randomCut(epochs: readonly Epoch[], random: SeededRandom): Cut | undefined {
  const weights = epochs.map(({ writes }) => Math.sqrt(writes));
  let at = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  const epoch = weights.findIndex((weight) => (at -= weight) < 0);
  const found = epochs[epoch];
  if (found === undefined || found.pieces.length === 0) return undefined;
  const { pieces } = found;
  const order = [...new Set(pieces.map(({ write }) => write))];
  const until = 1 + Math.floor(random.next() * order.length);
  const issued = new Set(order.slice(0, until));
  const share = [0.1, 0.5, 0.9][Math.floor(random.next() * 3)] ?? 0.5;
  const tears = random.next() < 0.5;
  const whole = new Set([...issued].filter(() => random.next() < share));
  const torn = new Set(tears ? [...issued].filter(() => random.next() < 0.3) : []);
  const kept: number[] = [];
  for (const [index, { write, forced }] of pieces.entries()) {
    if (!issued.has(write)) continue;
    const isThere = torn.has(write) ? random.next() < 0.5 : whole.has(write);
    if (isThere || (forced && write !== order[until - 1])) kept.push(index);
  }
  const how = `after flush ${epoch}, ${kept.length} of ${pieces.length} pieces of ${until} of ${order.length} writes`;
  return { epoch, kept, how, isAtFlush: false };
}

/** Names the disk that a cut leaves, by content: the same name is the same disk. */
class DiskNames {
  readonly #epochs: readonly Epoch[];
  /** For each epoch's beginning: what each place holds, as the sum of its pieces. */
  readonly #places: ReadonlyMap<number, bigint>[] = [];

  constructor(epochs: readonly Epoch[]) {
    this.#epochs = epochs;
    let places = new Map<number, bigint>();
    for (const { pieces } of epochs) {
      this.#places.push(places);
      places = new Map(places);
      for (const { offset, digest } of pieces) places.set(offset, digest);
    }
  }

  name({ epoch, kept }: Cut): string {
    const pieces = this.#epochs[epoch]?.pieces ?? [];
    const places = new Map(this.#places[epoch]);
    for (const index of kept) {
      const piece = pieces[index];
      if (piece !== undefined) places.set(piece.offset, piece.digest);
    }
    let sum = 0n;
    for (const digest of places.values()) sum ^= digest;
    return sum.toString(16);
  }
}

/** So many different disks in the order of their epochs: the boundaries, some when there are too many, then random ones. */
export function chooseCuts(epochs: readonly Epoch[], count: number, random: SeededRandom): readonly Cut[] {
  const names = new DiskNames(epochs);
  const chosen = new Map<string, Cut>();
  const all = boundaries(epochs);
  // Where there is no room for all of them, half of the room is for what lies between.
  const step = count >= all.length ? 1 : all.length / Math.max(1, Math.ceil(count / 2));
  for (let at = 0; at < all.length; at += step) {
    const cut = all[Math.floor(at)];
    if (cut !== undefined) chosen.set(names.name(cut), cut);
  }
  for (let draws = 0; chosen.size < count && draws < count * drawsMax; draws++) {
    const cut = randomCut(epochs, random);
    if (cut === undefined) continue;
    const name = names.name(cut);
    if (!chosen.has(name)) chosen.set(name, cut);
  }
  return [...chosen.values()].toSorted((a, b) => a.epoch - b.epoch);
}

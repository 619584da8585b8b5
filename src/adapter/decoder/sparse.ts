// Sparse files in pax archives (GNU tar manual, "Storing Sparse Files", formats 0.1 and 1.0): the holes are left out,
// and a map says where each piece goes.
import { Fault } from "../../base/fault.ts";

const blockBytes = 512;
/** GNU tar writes one pair a piece of data; more than this is an attack or a mistake. */
const piecesMax = 1_000_000;
const zeros: Uint8Array = new Uint8Array(256 * 1024);

interface SparseHeader {
  readonly name: string;
  readonly pax?: Readonly<Record<string, string>> | null;
}

export interface SparseMap {
  readonly path: string;
  readonly sizeBytes: number;
  /** `undefined` when the map stands before the content (1.0). */
  readonly pieces: readonly Piece[] | undefined;
}

interface Piece {
  readonly offset: number;
  readonly length: number;
}

function damaged(path: string): Fault<"damaged-archive"> {
  return new Fault(
    "damaged-archive",
    `Cannot unpack ${JSON.stringify(path.slice(0, 200))}: its map of holes makes no sense`,
  );
}

function toNumber(text: string | undefined, path: string): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw damaged(path);
  return Number(text);
}

function toPieces(numbers: readonly number[], sizeBytes: number, path: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let end = 0;
  for (let index = 0; index < numbers.length; index += 2) {
    const [offset = 0, length = 0] = numbers.slice(index, index + 2);
    if (offset < end || offset + length > sizeBytes) throw damaged(path);
    end = offset + length;
    pieces.push({ offset, length });
  }
  return pieces;
}

/** `undefined` for an ordinary file. */
export function sparseOf(header: SparseHeader): SparseMap | undefined {
  const pax = header.pax ?? {};
  const path = pax["GNU.sparse.name"] ?? header.name;
  if (pax["GNU.sparse.major"] === "1")
    return { path, sizeBytes: toNumber(pax["GNU.sparse.realsize"], path), pieces: undefined };
  const map = pax["GNU.sparse.map"];
  if (map === undefined) return undefined;
  const sizeBytes = toNumber(pax["GNU.sparse.size"], path);
  const numbers = map === "" ? [] : map.split(",").map((text) => toNumber(text, path));
  if (numbers.length % 2 !== 0 || numbers.length > 2 * piecesMax) throw damaged(path);
  return { path, sizeBytes, pieces: toPieces(numbers, sizeBytes, path) };
}

/** The file with its holes: exactly `map.sizeBytes` bytes, or a Fault. */
export async function* expandSparse(map: SparseMap, content: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  const source = new Source(content[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>, map.path);
  const pieces = map.pieces ?? (await readMap(source, map));
  let at = 0;
  for (const piece of pieces) {
    yield* holes(piece.offset - at);
    yield* source.take(piece.length);
    at = piece.offset + piece.length;
  }
  yield* holes(map.sizeBytes - at);
  await source.drain();
}

function* holes(length: number): Generator<Uint8Array> {
  for (let left = length; left > 0; left -= zeros.length) yield zeros.subarray(0, Math.min(left, zeros.length));
}

/** Format 1.0: decimal numbers, a line each, the first their count, padded to a block. */
async function readMap(source: Source, map: SparseMap): Promise<readonly Piece[]> {
  const numbers: number[] = [];
  let count: number | undefined;
  let line = "";
  while (count === undefined || numbers.length < 2 * count) {
    for (const byte of await source.block()) {
      if (byte === 0x0a) {
        const number = toNumber(line, map.path);
        line = "";
        if (count === undefined) count = number;
        else numbers.push(number);
        if (count > piecesMax) throw damaged(map.path);
        if (numbers.length === 2 * count) break;
      } else {
        line += String.fromCharCode(byte);
        if (line.length > 16) throw damaged(map.path);
      }
    }
  }
  return toPieces(numbers, map.sizeBytes, map.path);
}

/** Takes bytes off a stream of chunks, as many as wanted. */
class Source {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #path: string;
  #rest: Uint8Array = new Uint8Array();

  constructor(chunks: AsyncIterator<Uint8Array>, path: string) {
    this.#chunks = chunks;
    this.#path = path;
  }

  async *take(length: number): AsyncGenerator<Uint8Array> {
    for (let left = length; left > 0; ) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) throw damaged(this.#path);
        this.#rest = next.value;
      }
      const piece = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(piece.length);
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  async block(): Promise<Uint8Array> {
    const block = new Uint8Array(blockBytes);
    let length = 0;
    for await (const piece of this.take(blockBytes)) {
      block.set(piece, length);
      length += piece.length;
    }
    return block;
  }

  async drain(): Promise<void> {
    while ((await this.#chunks.next()).done !== true);
  }
}

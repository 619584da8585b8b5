// The chunks of a sample repository: cut where every publisher cuts, packed in zstd frames that are written by hand, so
// that they are the same on every machine.
import { concatenate } from "../../base/bytes.ts";
import { toHex } from "../../base/text.ts";
import { chunkIdOf, packCheckOf } from "../../delta/chunk/chunk-id.ts";
import { Chunker } from "../../delta/chunk/chunker.ts";
import { type ChunkIndex, formatChunkIndex } from "../../format/chunk-index.ts";
import { formatPackMap } from "../../format/pack-map.ts";
import type { ReleaseChunks, ReleaseFile } from "../../format/release-files.ts";
import { storedFrame } from "./sample-delta.ts";
import { releaseFile } from "./sample-index.ts";

/** A sample image has about ten. */
const sizes = { min: 1024, avg: 2048, max: 4096 };
const digest = "sha512-256";

interface PackedChunk {
  readonly pack: ReleaseFile;
  readonly offset: number;
  readonly length: number;
  readonly check: Uint8Array;
}

export interface SampleChunks {
  readonly chunks: ReleaseChunks;
  /** Of the index, the map and the pack. */
  readonly files: readonly (readonly [name: string, bytes: Uint8Array])[];
  /** A file a chunk, as desync and casync have it: what is new. */
  readonly store: readonly (readonly [path: string, bytes: Uint8Array])[];
  /** Where everything is that was packed up to now, by id. */
  readonly packed: ReadonlyMap<string, PackedChunk>;
}

function piecesOf(target: Uint8Array): readonly Uint8Array[] {
  const chunker = new Chunker(sizes);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < target.length; at += pieces.at(-1)?.length ?? 0)
    pieces.push(target.subarray(at, at + chunker.chunkLength(target, at)));
  return pieces;
}

function indexOf(pieces: readonly Uint8Array[]): ChunkIndex {
  let end = 0;
  const ends = Float64Array.from(pieces, ({ length }) => (end += length));
  return { digest, sizes, ends, ids: concatenate(pieces.map((piece) => chunkIdOf(digest, piece))) };
}

/** `name` is the resource, `before` what the release before it has: a pack of its own has what is new. */
export function sampleChunks(name: string, version: string, target: Uint8Array, before?: SampleChunks): SampleChunks {
  const pieces = piecesOf(target);
  const nameOf = (piece: Uint8Array): string => toHex(chunkIdOf(digest, piece));
  const known = before?.packed ?? new Map<string, PackedChunk>();
  const fresh = new Map(pieces.map((piece) => [nameOf(piece), storedFrame(piece)] as const));
  for (const id of known.keys()) fresh.delete(id);
  const packBytes = concatenate([...fresh.values()]);
  const pack = releaseFile(`chunks/${version}.pack`, packBytes);
  const packed = new Map(known);
  let offset = 0;
  for (const [id, { length }] of fresh) {
    packed.set(id, { pack, offset, length, check: packCheckOf(fresh.get(id) ?? new Uint8Array()) });
    offset += length;
  }
  const places = pieces.flatMap((piece) => packed.get(nameOf(piece)) ?? []);
  const packs = [...new Set(places.map((place) => place.pack))];
  const indexBytes = formatChunkIndex(indexOf(pieces));
  const mapBytes = formatPackMap({
    packs: Uint32Array.from(places, (place) => packs.indexOf(place.pack)),
    offsets: Float64Array.from(places, (place) => place.offset),
    lengths: Uint32Array.from(places, ({ length }) => length),
    checks: concatenate(places.map(({ check }) => check)),
  });
  const index = releaseFile(`chunks/${name}.caibx`, indexBytes);
  const map = releaseFile(`chunks/${name}.map`, mapBytes);
  const own = [
    [index.name, indexBytes],
    [map.name, mapBytes],
    [pack.name, packBytes],
  ] as const;
  const store = [...fresh].map(([id, frame]) => [`${id.slice(0, 4)}/${id}.cacnk`, frame] as const);
  return { chunks: { index, store: "chunks/default.castr", map, packs }, files: own, store, packed };
}

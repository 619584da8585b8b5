// One group while it is made: pieces of the target, what they draw upon, and the section that comes of it.
import { constants, zstdCompress } from "node:zlib";
import { concatenate } from "../../base/bytes.ts";
import { deltaLimits, type DeltaStep, type Encoder } from "../../format/delta-file.ts";
import { release } from "../release.ts";
import { dictionaryPrefixBytes } from "../zstd.ts";
import { sampleHashes } from "./fingerprints.ts";
import { parametersOf, type Settings } from "./effort.ts";
import { reproduces, tryDecode } from "./find-encoder.ts";
import { samplesMax } from "./old-pieces.ts";
import type { Piece } from "./pieces.ts";
import type { SampledPiece } from "./choose-references.ts";

export interface ReadPiece extends SampledPiece {
  readonly step: DeltaStep;
  /** A cluster that is not made again. */
  readonly unreproduced: boolean;
}

/** Decides whether the client makes a piece's cluster again, which is tried here (issue 5). */
export function readPiece(piece: Piece, stored: Uint8Array, encoder: Encoder | undefined): ReadPiece {
  const { plainBytes, clusterBytes } = deltaLimits;
  const fits = piece.plainLength > 0 && piece.plainLength <= plainBytes / 2 && stored.length <= clusterBytes;
  const decoded = encoder !== undefined && fits ? tryDecode(stored, piece.plainLength) : undefined;
  const plain =
    decoded !== undefined && encoder !== undefined && reproduces(stored, decoded, encoder) ? decoded : stored;
  const samples = new Uint32Array(samplesMax);
  const count = sampleHashes(plain, samples);
  return {
    piece,
    plain,
    samples: samples.slice(0, count),
    step:
      plain === stored
        ? { kind: "plain", length: stored.length }
        : { kind: "encode", plainLength: plain.length, length: stored.length, encoder: 0 },
    unreproduced: piece.plainLength > 0 && plain === stored,
  };
}

/** The section: `plain` as a zstd frame that draws upon `contents`. In a thread of zlib's own. */
export function makeSection(
  plain: Uint8Array,
  contents: readonly Uint8Array[],
  settings: Settings,
): Promise<Uint8Array> {
  const dictionary = concatenate(contents, dictionaryPrefixBytes);
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const windowLog = Math.max(17, Math.ceil(Math.log2(dictionary.length + plain.length)));
  const options = {
    dictionary,
    pledgedSrcSize: plain.length,
    chunkSize: plain.length + (plain.length >>> 8) + 1024,
    params: {
      ...parametersOf(settings, windowLog),
      [constants.ZSTD_c_windowLog]: windowLog,
      [constants.ZSTD_c_checksumFlag]: 1,
    },
  };
  zstdCompress(plain, options, (error, section) => {
    release(dictionary);
    if (error === null) resolve(section);
    else reject(error);
  });
  return promise;
}

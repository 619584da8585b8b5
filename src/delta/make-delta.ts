// Makes a delta between two files on this machine: what is the same is named, what resembles old bytes is patched against
// them without compression, and clusters of an erofs image are made again by the client (issue 5, transfer engine 1).
import { createHash } from "node:crypto";
import { constants, zstdCompressSync } from "node:zlib";
import { concatenate } from "../base/bytes.ts";
import { Fault } from "../base/fault.ts";
import { parseSha256, type Sha256 } from "../base/ids.ts";
import {
  type DeltaGroup,
  type DeltaRecipe,
  type DeltaStep,
  type Encoder,
  deltaLimits,
  formatDeltaPrefix,
  formatRecipe,
  parseRecipe,
} from "../format/delta-file.ts";
import { ownEncoder, sampleDigest } from "./encoder-sample.ts";
import { chooseReferences, type Pairing } from "./make/choose-references.ts";
import { clientMemory } from "./make/client-memory.ts";
import { defaultEffort, type Effort, settingsFor } from "./make/effort.ts";
import { findEncoder } from "./make/find-encoder.ts";
import { makeSection, type ReadPiece, readPiece } from "./make/make-group.ts";
import { KeptSections, type Spool, type TakeSection } from "./make/kept-sections.ts";
import { digestOf, OldPieces } from "./make/old-pieces.ts";
import { pairFiles } from "./make/pair-files.ts";
import { type Piece, type PiecedFile, pieceFile } from "./make/pieces.ts";
import { readInOrder } from "./make/read-in-order.ts";
import type { LocalBytes } from "./reader.ts";
import { release } from "./release.ts";

export interface DeltaRequest {
  readonly old: LocalBytes;
  readonly target: LocalBytes;
  /** Takes the delta's bytes in order. */
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Where sections lie until the last is made, because the head comes first; in memory where absent. */
  readonly spool?: Spool;
  /** zstd's level for all that is shipped; where absent, as much effort as `defaultEffort` allows. */
  readonly level?: number;
  /** Compressions at a time, in threads of zlib's own; 2 where absent. */
  readonly parallel?: number;
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/** Bytes of the target, and what they cost in the delta. */
export interface DeltaShare {
  readonly targetBytes: number;
  readonly deltaBytes: number;
}

export interface DeltaReport {
  /** As they lie in the old file. */
  readonly copiedBytes: number;
  readonly patched: DeltaShare;
  /** Clusters that zstd does not make again bit for bit, and went in compressed. */
  readonly unreproducedBytes: number;
  readonly headBytes: number;
  /** The files that cost most, an estimate by their part of each section; empty where the image is not understood. */
  readonly files: readonly (DeltaShare & { readonly path: string })[];
}

export interface MadeDelta {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  readonly head: { readonly sizeBytes: number; readonly sha256: Sha256 };
  /** As the manifest names it. */
  readonly encoder: string;
  readonly memoryBytes: number;
  readonly report: DeltaReport;
}

/** Of one group. More makes deltas smaller by little, and a client needs its memory. */
const groupPlainBytes = 3 << 20;

/** Throws a Fault (`delta-too-large`, `file-shortened`, `delta-spool`), and what reading and writing throws; all is at rest then. */
export async function makeDelta(request: DeltaRequest): Promise<MadeDelta> {
  const old = new OldPieces(await pieceFile(request.old));
  const target = await pieceFile(request.target);
  const encoder = await findEncoder(target);
  const progress = { done: 0, total: old.file.sizeBytes + 2 * target.sizeBytes };
  const advance = (bytes: number): void => {
    progress.done += bytes;
    request.onProgress?.(progress.done, progress.total);
  };
  await old.scan(advance);
  const same = await findSame(old, target, advance);
  const effort = request.level === undefined ? defaultEffort(target, same) : { level: request.level };
  const sections = new KeptSections(request.spool);
  const maker = new DeltaMaker({ old, target, encoder, effort, parallel: request.parallel ?? 2, sections });
  try {
    await maker.run(same, advance);
    return await maker.finish(request.write);
  } finally {
    await maker.settle();
  }
}

/** For each piece of the target the old piece with the same bytes, or -1. */
async function findSame(old: OldPieces, target: PiecedFile, advance: (bytes: number) => void): Promise<Int32Array> {
  const same = new Int32Array(target.pieces.length);
  let index = 0;
  for await (const stored of readInOrder(target.bytes, target.pieces)) {
    same[index] = old.withDigest(digestOf(stored), index === 0 ? -2 : (same[index - 1] as number));
    index += 1;
    advance(stored.length);
  }
  return same;
}

interface OpenGroup {
  steps: DeltaStep[];
  pieces: ReadPiece[];
  plain: number;
  produced: number;
}

interface DeltaParts {
  readonly old: OldPieces;
  readonly target: PiecedFile;
  readonly encoder: Encoder | undefined;
  readonly effort: Effort;
  readonly parallel: number;
  readonly sections: KeptSections;
}

class DeltaMaker {
  readonly #old: OldPieces;
  readonly #target: PiecedFile;
  readonly #encoder: Encoder | undefined;
  readonly #effort: Effort;
  readonly #parallel: number;
  readonly #pairing: Pairing;
  readonly #sections: KeptSections;
  readonly #groups: Promise<{ readonly group: DeltaGroup; readonly take: TakeSection }>[] = [];
  readonly #running = new Set<Promise<unknown>>();
  readonly #costs = new Map<number, { targetBytes: number; deltaBytes: number }>();
  #open: OpenGroup = { steps: [], pieces: [], plain: 0, produced: 0 };
  #copied = 0;
  #unreproduced = 0;

  constructor({ old, target, encoder, effort, parallel, sections }: DeltaParts) {
    this.#old = old;
    this.#target = target;
    this.#encoder = encoder;
    this.#effort = effort;
    this.#parallel = parallel;
    this.#sections = sections;
    this.#pairing = {
      olds: old.file.files,
      news: target.files,
      pairs: pairFiles(old.file.files, target.files),
      byInode: target.files
        .map(({ inodeOffset }, file) => ({ offset: inodeOffset, file }))
        .toSorted((left, right) => left.offset - right.offset),
    };
  }

  async run(same: Int32Array, advance: (bytes: number) => void): Promise<void> {
    const changed = this.#target.pieces.filter((_, index) => (same[index] as number) < 0);
    const contents = readInOrder(this.#target.bytes, changed);
    for (const [index, piece] of this.#target.pieces.entries()) {
      const old = same[index] as number;
      if (old >= 0) this.#copy(old, piece);
      else await this.#add(piece, ((await contents.next()).value as Uint8Array).slice());
      advance(piece.length);
    }
    await this.#close();
  }

  #copy(same: number, { length }: Piece): void {
    const { offset } = this.#old.file.pieces[same] as Piece;
    this.#copied += length;
    const { steps } = this.#open;
    const last = steps.at(-1);
    if (last?.kind === "copy" && last.offset + last.length === offset)
      steps[steps.length - 1] = { kind: "copy", offset: last.offset, length: last.length + length };
    else steps.push({ kind: "copy", offset, length });
  }

  async #add(piece: Piece, stored: Uint8Array): Promise<void> {
    const read = readPiece(piece, stored, this.#encoder);
    if (read.plain !== stored) release(stored);
    const { plain, produced } = this.#open;
    if (plain + read.plain.length > groupPlainBytes || produced + piece.length > deltaLimits.producedBytes)
      await this.#close();
    const open = this.#open;
    if (read.unreproduced) this.#unreproduced += piece.length;
    open.plain += read.plain.length;
    open.produced += piece.length;
    open.pieces.push(read);
    const last = open.steps.at(-1);
    if (last?.kind === "plain" && read.step.kind === "plain")
      open.steps[open.steps.length - 1] = { kind: "plain", length: last.length + read.step.length };
    else open.steps.push(read.step);
  }

  async #close(): Promise<void> {
    const { steps, pieces } = this.#open;
    this.#open = { steps: [], pieces: [], plain: 0, produced: 0 };
    if (steps.length === 0) return;
    if (pieces.length === 0) {
      const section = new Uint8Array(0);
      this.#groups.push(Promise.resolve({ group: sealed([], steps, section), take: async () => section }));
      return;
    }
    const chosen = chooseReferences(this.#old, this.#pairing, pieces);
    const contents = [];
    for (const index of chosen) contents.push(await this.#old.content(index));
    while (this.#running.size >= this.#parallel) await Promise.race(this.#running);
    const plain = concatenate(pieces.map((piece) => piece.plain));
    const references = chosen.map((index) => this.#old.range(index));
    const settings = settingsFor(this.#effort, pieces, plain.length);
    const making = makeSection(plain, contents, settings).then(async (section) => {
      this.#charge(pieces, section.length);
      for (const bytes of [plain, ...pieces.map((piece) => piece.plain)]) release(bytes);
      const group = sealed(references, steps, section);
      const take = await this.#sections.keep(section, group.section);
      this.#running.delete(making);
      return { group, take };
    });
    this.#running.add(making);
    // A failure is thrown where the groups are awaited.
    making.catch(() => undefined);
    this.#groups.push(making);
  }

  /** Where making failed, what was begun ends before the caller closes its files. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  /** A section's bytes, shared among its files by what was not found in the old file. */
  #charge(pieces: readonly ReadPiece[], bytes: number): void {
    const weights = pieces.map(({ samples, plain }) => {
      const found = samples.reduce((sum, sample) => sum + (this.#old.withSample(sample) < 0 ? 0 : 1), 0);
      return plain.length * (0.02 + (samples.length === 0 ? 0.5 : 1 - found / samples.length));
    });
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    pieces.forEach(({ piece }, index) => {
      const cost = this.#costs.get(piece.file) ?? { targetBytes: 0, deltaBytes: 0 };
      cost.targetBytes += piece.length;
      cost.deltaBytes += (bytes * (weights[index] as number)) / total;
      this.#costs.set(piece.file, cost);
    });
  }

  async finish(write: (bytes: Uint8Array) => Promise<void>): Promise<MadeDelta> {
    const made = await Promise.all(this.#groups);
    const encoders = this.#encoder === undefined ? [] : [this.#encoder];
    const recipe: DeltaRecipe = {
      oldBytes: this.#old.file.sizeBytes,
      targetBytes: this.#target.sizeBytes,
      encoders,
      sampleSha256: sampleDigest(encoders),
      groups: made.map(({ group }) => group),
    };
    const head = encodeHead(recipe);
    const hash = createHash("sha256").update(head);
    await write(head);
    let sizeBytes = head.length;
    for (const { take } of made) {
      const section = await take();
      hash.update(section);
      sizeBytes += section.length;
      await write(section);
    }
    return {
      sizeBytes,
      sha256: parseSha256(hash.digest("hex")),
      head: { sizeBytes: head.length, sha256: parseSha256(createHash("sha256").update(head).digest("hex")) },
      encoder: ownEncoder,
      memoryBytes: clientMemory(recipe.groups),
      report: this.#report(head.length, sizeBytes),
    };
  }

  #report(headBytes: number, sizeBytes: number): DeltaReport {
    const files = [...this.#costs]
      .map(([file, { targetBytes, deltaBytes }]) => ({
        path: this.#target.files[file]?.path ?? "",
        targetBytes,
        deltaBytes: Math.round(deltaBytes),
      }))
      .toSorted((left, right) => right.deltaBytes - left.deltaBytes || (left.path < right.path ? -1 : 1));
    return {
      copiedBytes: this.#copied,
      patched: { targetBytes: this.#target.sizeBytes - this.#copied, deltaBytes: sizeBytes - headBytes },
      unreproducedBytes: this.#unreproduced,
      headBytes,
      files: this.#target.files.length === 0 ? [] : files,
    };
  }
}

function sealed(references: DeltaGroup["references"], steps: readonly DeltaStep[], section: Uint8Array): DeltaGroup {
  const sha256 = parseSha256(createHash("sha256").update(section).digest("hex"));
  return { references, steps, section: { length: section.length, sha256 } };
}

/** Throws a Fault (`delta-too-large`) for a recipe that no client would take. */
function encodeHead(recipe: DeltaRecipe): Uint8Array {
  const bytes = formatRecipe(recipe);
  try {
    parseRecipe(bytes);
  } catch (cause) {
    throw new Fault("delta-too-large", "Cannot make a delta: its recipe passes what clients accept", {
      hint: "The release can be published without this delta.",
      cause,
    });
  }
  const frame = zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 19 } });
  return concatenate([formatDeltaPrefix(bytes.length), frame]);
}

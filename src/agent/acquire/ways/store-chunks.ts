// By chunks of another publisher: an index that the signed list names, and a store with a file a chunk, as desync and casync
// have it (issue 5, "Chunks"). Each chunk is proven by its id; nothing proves a chunk before it is decompressed, which is
// done in the child that may do nothing else.
import { Fault } from "../../../base/fault.ts";
import { assembleChunks } from "../../../delta/chunk/assemble-chunks.ts";
import { cutFile } from "../../../delta/chunk/cut-file.ts";
import { type ChunkPlan, planChunks } from "../../../delta/chunk/plan-chunks.ts";
import { Seed, wrongChunks } from "../../../delta/chunk/seed.ts";
import type { ReadStored } from "../../../delta/chunk/stored-chunk.ts";
import { type ChunkIndex, indexedBytes, parseChunkIndex } from "../../../format/chunk-index.ts";
import type { Session } from "../../session.ts";
import { readSmall } from "../../state/small-file.ts";
import { faultOfStatus, leave } from "../download.ts";
import type { Chunks, SeedPlace } from "./chunk-way.ts";
import { PlaceBytes } from "./local-bytes.ts";
import { rangesOf } from "./repository-file.ts";
import type { Traffic } from "./way.ts";
import { counted } from "./whole-way.ts";

export interface StoreRequest {
  readonly index: ChunkIndex;
  /** URL, without a slash at its end. */
  readonly store: string;
  readonly seeds: readonly SeedPlace[];
}

const indexBytesMax = 64 << 20;

/** A file of the store; `undefined` where there is none. */
function storeReader(session: Session, store: string, traffic: Traffic): ReadStored {
  return async (path, bytesMax) => {
    const url = `${store}/${path}`;
    const answer = await session.machine.http.request({ url, method: "GET", maxBytes: bytesMax }, session.signal);
    if (answer.status !== 200) {
      await leave(answer);
      if (answer.status === 404 || answer.status === 410) return undefined;
      throw faultOfStatus(answer, url);
    }
    const pieces: Uint8Array[] = [];
    for await (const piece of counted(answer.body, traffic)) {
      session.signal.throwIfAborted();
      pieces.push(new Uint8Array(piece));
    }
    return Buffer.concat(pieces);
  };
}

/** Seeds are read once for all attempts. */
export class StoreChunks implements Chunks {
  readonly #session: Session;
  readonly #request: StoreRequest;
  readonly #open: PlaceBytes[] = [];
  #seeds: Promise<readonly Seed[]> | undefined;

  constructor(session: Session, request: StoreRequest) {
    this.#session = session;
    this.#request = request;
  }

  async plan(fromByte: number, traffic: Traffic): Promise<ChunkPlan> {
    const { index, store } = this.#request;
    this.#seeds ??= this.#openSeeds();
    const read = storeReader(this.#session, store, traffic);
    return planChunks({ index, supply: { kind: "store", read }, seeds: await this.#seeds, fromByte });
  }

  async *assemble(plan: ChunkPlan, traffic: Traffic): AsyncGenerator<Uint8Array> {
    const { signal, machine } = this.#session;
    await using rebuilder = machine.rebuilder.start(signal);
    try {
      yield* assembleChunks(plan, {
        fetch: rangesOf(this.#session, { folder: this.#request.store, remote: true }, traffic),
        decompress: (stored, length) => rebuilder.decompress(stored, length),
        signal,
      });
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    for (const bytes of this.#open) await bytes[Symbol.asyncDispose]();
  }

  async #openSeeds(): Promise<readonly Seed[]> {
    const seeds: Seed[] = [];
    for (const place of this.#request.seeds) seeds.push(...(await this.#seedOf(place)));
    return seeds;
  }

  /** A file that cannot be read is no seed. */
  async #seedOf({ place, sizeBytes, isWanted }: SeedPlace): Promise<readonly Seed[]> {
    const { signal, machine } = this.#session;
    const { index } = this.#request;
    const bytes = new PlaceBytes(this.#session, place, sizeBytes);
    this.#open.push(bytes);
    try {
      if (isWanted) return [new Seed(bytes, index, await wrongChunks(bytes, index, { signal }))];
      const beside = place.kind === "file" ? await this.#indexBeside(place.path, await bytes.size()) : undefined;
      const { sizes, digest } = index;
      return [new Seed(bytes, beside ?? (await cutFile(bytes, { sizes, digest, signal })))];
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Fault)) throw error;
      machine.progress.report({ kind: "note", text: `${error.message}; it is not used as a seed` });
      return [];
    }
  }

  /** Where the index is a resource too, it lies beside the image: that spares reading the whole image. */
  async #indexBeside(path: string, sizeBytes: number): Promise<ChunkIndex | undefined> {
    const { sizes, digest } = this.#request.index;
    try {
      const bytes = await readSmall(this.#session.machine.disk, `${path}.caibx`, indexBytesMax);
      const own = bytes === undefined ? undefined : parseChunkIndex(bytes);
      // One of another image is no harm: each chunk is proven when it is read. It would find nothing, though.
      if (own === undefined || own.digest !== digest || indexedBytes(own) !== sizeBytes) return undefined;
      return own.sizes.avg === sizes.avg && own.sizes.min === sizes.min && own.sizes.max === sizes.max
        ? own
        : undefined;
    } catch (error) {
      if (error instanceof Fault) return undefined;
      throw error;
    }
  }
}

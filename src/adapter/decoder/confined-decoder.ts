// The Decoder port: gzip, zstd and tar in a confined Node, xz and bzip2 in the system's programs under the same confinement (P9).
import { Fault } from "../../base/fault.ts";
import type { Compression, Decoder, TarItem } from "../../port/decoder.ts";
import type { LaunchOptions } from "../confined/launch.ts";
import { WorkerLink } from "../confined/worker-link.ts";
import { runFilter } from "./filter.ts";
import { TarRules } from "./tar-item.ts";

export function confinedDecoder(options: LaunchOptions): Decoder {
  return {
    decompress: (compression, input, maxBytes) => bounded(decompressed(compression, input, options), maxBytes),
    untar: (input) => untarred(input, options),
  };
}

/** xz: memory for the largest of its own presets, many times over. */
const filters = {
  xz: ["xz", "--decompress", "--stdout", "--memlimit-decompress=512MiB"],
  bz2: ["bzip2", "--decompress", "--stdout"],
} as const;

function decompressed(
  compression: Compression,
  input: AsyncIterable<Uint8Array>,
  options: LaunchOptions,
): AsyncIterable<Uint8Array> {
  if (compression === "xz" || compression === "bz2") return runFilter(filters[compression], input, options);
  return inflated(compression, input, options);
}

async function* bounded(output: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of output) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new Fault("too-large", `Cannot decompress: more than ${maxBytes} bytes come out`);
    yield piece;
  }
}

/** Feeds the input until it ends, the worker goes, or reading it fails; then the worker is ended and the error kept. */
async function feed(
  link: WorkerLink,
  input: AsyncIterable<Uint8Array>,
): Promise<{ readonly error: unknown } | undefined> {
  try {
    for await (const piece of input) if (!(await link.sendData(piece))) return undefined;
    await link.sendEnd();
    return undefined;
  } catch (error) {
    await link[Symbol.asyncDispose]();
    return { error };
  }
}

/** What the input said comes before what the worker made of its end. */
async function* fed<T>(
  link: WorkerLink,
  input: AsyncIterable<Uint8Array>,
  output: AsyncIterable<T>,
): AsyncGenerator<T> {
  const feeding = feed(link, input);
  let inputFailed: { readonly error: unknown } | undefined;
  const noted = feeding.then((outcome) => {
    inputFailed = outcome;
    return outcome;
  });
  try {
    yield* output;
  } catch (error) {
    if (inputFailed !== undefined) throw inputFailed.error;
    if (error instanceof Fault && error.code === "worker-failed") {
      throw new Fault("damaged-archive", "Cannot decode: the confined child failed", { cause: error });
    }
    throw error;
  } finally {
    await link[Symbol.asyncDispose]();
  }
  const outcome = await noted;
  if (outcome !== undefined) throw outcome.error;
}

async function* inflated(
  task: "gz" | "zst",
  input: AsyncIterable<Uint8Array>,
  options: LaunchOptions,
): AsyncGenerator<Uint8Array> {
  const link = WorkerLink.start(task, options);
  yield* fed(link, input, contentOf(link));
}

async function* contentOf(link: WorkerLink): AsyncGenerator<Uint8Array> {
  for (;;) {
    const said = await link.next();
    if (said.kind === "end") return;
    if (said.kind !== "data")
      throw new Fault("damaged-archive", "Cannot decode: the confined child answers out of turn");
    yield said.bytes;
  }
}

async function* untarred(input: AsyncIterable<Uint8Array>, options: LaunchOptions): AsyncGenerator<TarItem> {
  const link = WorkerLink.start("untar", options);
  yield* fed(link, input, itemsOf(link));
}

async function* itemsOf(link: WorkerLink): AsyncGenerator<TarItem> {
  const rules = new TarRules();
  for (;;) {
    const said = await link.next();
    if (said.kind !== "message")
      throw new Fault("damaged-archive", "Cannot decode: the confined child answers out of turn");
    if (said.value["type"] === "done") return;
    const header = rules.header(said.value);
    if (header.kind !== "file") {
      yield header;
      continue;
    }
    const drained = { value: false };
    yield { ...header, content: exactly(contentOf(link), header.sizeBytes, header.path, drained) };
    if (!drained.value) throw new Error(`Assertion failed: the content of ${header.path} was not drained`);
  }
}

async function* exactly(
  content: AsyncIterable<Uint8Array>,
  sizeBytes: number,
  path: string,
  drained: { value: boolean },
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const piece of content) {
    bytes += piece.length;
    if (bytes > sizeBytes) break;
    yield piece;
  }
  if (bytes !== sizeBytes)
    throw new Fault("damaged-archive", `Cannot unpack ${JSON.stringify(path)}: it has not the size it says`);
  drained.value = true;
}

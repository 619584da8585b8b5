// The thread that fuzzes one target: runs what is stored, then what is made of it, and keeps what reaches something new.
import { parentPort, workerData } from "node:worker_threads";
import { SeededRandom } from "../../src/base/random.ts";
import { bytesOf, type Target } from "../target.ts";
import { Coverage } from "./coverage.ts";
import { allocationMax, execute, explain, leastMilliseconds } from "./execute.ts";
import { countEdges } from "./hooks.ts";
import { type CrashKind, type FromWorker, shared, sharedHeadBytes, type WorkOrder } from "./messages.ts";
import { dictionaryOf, mutate, type Mutations } from "./mutate.ts";

const lengthMaxDefault = 2048;
const crashesMax = 20;
/** What no parser of a few kilobytes may take; of the stretched ones, see `stretch`. */
const slowMillisecondsDefault = 250;
const stretchedBytes = 128 * 1024;
const stretchedSlowMilliseconds = 2000;
const recent = 16;

const order = workerData as WorkOrder;
const edges = countEdges(order.root, ["src/", ...(await packagesOf(order.target))]);
const { target } = (await import(`../target/${order.target}.ts`)) as { target: Target };

/** The target is asked for its packages before they are instrumented, by its text: importing it would load them. */
async function packagesOf(name: string): Promise<readonly string[]> {
  const { readFile } = await import("node:fs/promises");
  const text = await readFile(new URL(`../target/${name}.ts`, import.meta.url), "utf8");
  const list = /packages: \[([^\]]*)\]/.exec(text)?.[1] ?? "";
  return Array.from(list.matchAll(/"([^"]+)"/g), ([, name]) => `node_modules/${name}/`);
}

class Fuzzing {
  readonly #head = new Int32Array(order.shared, 0, sharedHeadBytes / 4);
  readonly #input = new Uint8Array(order.shared, sharedHeadBytes);
  readonly #coverage = new Coverage(edges);
  readonly #random = new SeededRandom(order.seed);
  readonly #corpus: Uint8Array[] = [];
  readonly #crashed = new Set<string>();
  readonly #how: Mutations;
  #executions = 0;
  #slowest: { readonly milliseconds: number; readonly bytes: Uint8Array } = {
    milliseconds: 0,
    bytes: new Uint8Array(),
  };
  #largestBytes = 0;

  constructor() {
    this.#how = {
      random: this.#random,
      dictionary: dictionaryOf(edges.words, edges.numbers),
      lengthMax: target.lengthMax ?? lengthMaxDefault,
      other: () => this.#corpus[this.#random.below(this.#corpus.length)] as Uint8Array,
    };
  }

  async run(): Promise<void> {
    const begin = performance.now();
    const seconds = (): number => (performance.now() - begin) / 1000;
    this.#coverage.judge();
    for (const bytes of [new Uint8Array(), ...target.seeds().map(bytesOf), ...order.corpus]) await this.#try(bytes);
    // Nothing may be reached by the seeds, in a target that refuses most of what there is.
    if (this.#corpus.length === 0) this.#corpus.push(new Uint8Array());
    while (this.#executions < order.executions && seconds() < order.seconds) {
      const made = mutate(this.#choose(), this.#how);
      await this.#try(target.mend !== undefined && this.#random.chance(0.5) ? target.mend(made) : made);
    }
    await this.#stretch();
    const { user, system } = process.threadCpuUsage();
    const done = {
      executions: this.#executions,
      seconds: (user + system) / 1_000_000,
      edges: this.#coverage.of(target.covers),
      slowestMilliseconds: this.#slowest.milliseconds,
      largestBytes: this.#largestBytes,
      corpus: await this.#smallest(),
    };
    say({ done });
  }

  /** The newest are tried most: what lies behind them is not yet known. Short ones more than long ones: they are quick. */
  #choose(): Uint8Array {
    const [one, other] = [this.#anyKept(), this.#anyKept()];
    return one.length > other.length && this.#random.chance(0.8) ? other : one;
  }

  #anyKept(): Uint8Array {
    const { length } = this.#corpus;
    const isRecent = this.#random.chance(0.5);
    const at = isRecent ? length - 1 - this.#random.below(Math.min(recent, length)) : this.#random.below(length);
    return this.#corpus[at] as Uint8Array;
  }

  async #try(bytes: Uint8Array): Promise<void> {
    this.#announce(bytes);
    this.#coverage.clear();
    const { milliseconds, allocatedBytes, thrown } = await execute(target, bytes);
    const news = this.#coverage.judge();
    if (news !== undefined) this.#keep(bytes);
    if (thrown !== undefined) this.#crash("threw", bytes, textOfError(await explain(target, bytes, thrown.error)));
    if (allocatedBytes > this.#largestBytes) this.#largestBytes = allocatedBytes;
    if (allocatedBytes > allocationMax(target, bytes.length))
      this.#crash("allocated", bytes, `${allocatedBytes} bytes`);
    if (milliseconds > this.#slowest.milliseconds) {
      const least = await leastMilliseconds(target, bytes, milliseconds);
      if (least > this.#slowest.milliseconds) this.#slowest = { milliseconds: least, bytes };
      if (least > (target.millisecondsMax ?? slowMillisecondsDefault))
        this.#crash("slow", bytes, `${Math.round(least)} ms`);
    }
  }

  /** So that the watcher knows what was under way, whatever becomes of this thread. */
  #announce(bytes: Uint8Array): void {
    this.#input.set(bytes);
    this.#head[shared.inputBytes] = bytes.length;
    this.#head[shared.executions] = ++this.#executions;
  }

  #keep(bytes: Uint8Array): void {
    this.#corpus.push(bytes);
    this.#head[shared.corpus] = this.#corpus.length;
    this.#head[shared.edges] = this.#coverage.of(target.covers).reached;
  }

  /** One of a kind: the same place in the sources is the same bug. */
  #crash(kind: CrashKind, bytes: Uint8Array, what: string): void {
    const place = kind === "threw" ? (/(?:src|fuzz)\/\S+:\d+/.exec(what)?.[0] ?? what.slice(0, 80)) : kind;
    if (this.#crashed.has(place) || this.#crashed.size >= crashesMax) return;
    this.#crashed.add(place);
    say({ crash: { kind, bytes, what } });
  }

  /**
   * What takes long with few bytes may take for ever with many: pieces of the longest and of the slowest inputs are
   * repeated until they are as long as a file may well be.
   */
  async #stretch(): Promise<void> {
    const chosen = [this.#slowest.bytes, ...this.#corpus.toSorted((a, b) => b.length - a.length).slice(0, 4)];
    for (const bytes of chosen.filter(({ length }) => length > 0)) {
      for (let round = 0; round < 4; round++) {
        const from = this.#random.below(bytes.length);
        const to = from + 1 + this.#random.below(Math.min(64, bytes.length - from));
        const piece = bytes.subarray(from, to);
        const grown = Buffer.concat([bytes.subarray(0, to), Buffer.alloc(stretchedBytes, piece), bytes.subarray(to)]);
        this.#announce(grown);
        const { milliseconds, allocatedBytes, thrown } = await execute(target, grown);
        if (thrown !== undefined) this.#crash("threw", grown, textOfError(await explain(target, grown, thrown.error)));
        if (allocatedBytes > allocationMax(target, grown.length))
          this.#crash("allocated", grown, `${allocatedBytes} bytes`);
        if (
          milliseconds > stretchedSlowMilliseconds &&
          (await leastMilliseconds(target, grown, milliseconds)) > stretchedSlowMilliseconds
        )
          this.#crash("slow", grown, `${Math.round(milliseconds)} ms for ${grown.length} bytes`);
      }
    }
  }

  /** Greedy, the shortest first: each that reaches an edge which none before it did. */
  async #smallest(): Promise<Uint8Array[]> {
    const fresh = new Coverage(edges);
    this.#coverage.clear();
    const kept: Uint8Array[] = [];
    for (const bytes of this.#corpus.toSorted((a, b) => a.length - b.length)) {
      fresh.clear();
      await execute(target, bytes);
      if (fresh.judge() === "edge") kept.push(bytes);
    }
    return kept;
  }
}

function say(message: FromWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  parentPort?.postMessage(message);
}

function textOfError(error: unknown): string {
  if (!(error instanceof Error)) return `something that is no Error: ${String(error)}`;
  const stack = (error.stack ?? error.message).replaceAll(`file://${order.root}/`, "").replaceAll(`${order.root}/`, "");
  return stack.split("\n").slice(0, 8).join("\n").slice(0, 2000);
}

Error.stackTraceLimit = 0;
await new Fuzzing().run();

// The Rebuilder port: one confined Node a run (P9). What it answers is measured here; whether it is right, the digest of
// the whole decides.
import { Fault } from "../../base/fault.ts";
import { groupSizes } from "../../delta/rebuild-group.ts";
import type { Rebuilder, RebuilderRun } from "../../port/rebuilder.ts";
import type { LaunchOptions } from "../confined/launch.ts";
import { WorkerLink } from "../confined/worker-link.ts";
import { collect } from "./collect.ts";
import type { JobHead } from "./rebuild-worker.ts";

const none = new Uint8Array(0);
/** A group takes a second or so, and a slow machine ten times as long. */
const silenceMsMaxDefault = 30_000;

export interface RebuilderOptions extends LaunchOptions {
  /** How long a job may neither take nor give a byte; 30 s where nothing is said. */
  readonly silenceMsMax?: number;
}

class ConfinedRun implements RebuilderRun {
  readonly #options: RebuilderOptions;
  readonly #signal: AbortSignal;
  #link: WorkerLink | undefined;
  #isOver = false;
  /** The child does one job at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: RebuilderOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  #next(head: JobHead, first: Uint8Array, second: Uint8Array, maxBytes: number): Promise<Uint8Array> {
    const job = this.#last.then(() => this.#do(head, first, second, maxBytes));
    this.#last = job.catch(() => undefined);
    return job;
  }

  #linked(): WorkerLink {
    this.#link ??= WorkerLink.start("rebuild", this.#options);
    return this.#link;
  }

  /** A child that is ended says so to whoever waits for it. */
  async #do(head: JobHead, first: Uint8Array, second: Uint8Array, maxBytes: number): Promise<Uint8Array> {
    this.#signal.throwIfAborted();
    if (this.#isOver) throw new Fault("worker-failed", "Cannot rebuild: the child was ended");
    const { silenceMsMax = silenceMsMaxDefault } = this.#options;
    let isSilent = false;
    const stop = (): void => void this.#end();
    const silence = setTimeout(() => {
      isSilent = true;
      stop();
    }, silenceMsMax);
    this.#signal.addEventListener("abort", stop, { once: true });
    try {
      return await this.#converse(head, [first, second], maxBytes, () => silence.refresh());
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!isSilent) throw error;
      throw new Fault("worker-failed", `Cannot rebuild: the confined child was silent for ${silenceMsMax / 1000} s`, {
        cause: error,
      });
    } finally {
      clearTimeout(silence);
      this.#signal.removeEventListener("abort", stop);
    }
  }

  async #converse(
    head: JobHead,
    given: readonly Uint8Array[],
    maxBytes: number,
    onProgress: () => void,
  ): Promise<Uint8Array> {
    const link = this.#linked();
    await link.send(head);
    for (const bytes of given) {
      await link.sendData(bytes);
      onProgress();
    }
    const made = new Uint8Array(maxBytes);
    for (let at = 0; ; ) {
      const said = await link.next();
      onProgress();
      if (said.kind === "end") return made.subarray(0, at);
      if (said.kind !== "data" || at + said.bytes.length > maxBytes)
        throw new Fault("worker-failed", "Cannot rebuild: the confined child answers out of turn");
      made.set(said.bytes, at);
      at += said.bytes.length;
    }
  }

  async rebuild({ group, encoders, old, section }: Parameters<RebuilderRun["rebuild"]>[0]): Promise<Uint8Array> {
    // What is copied is none of the child's business, and may be more than fits into a message.
    const steps = group.steps.filter(({ kind }) => kind !== "copy");
    const head = { group: { ...group, steps }, encoders, firstBytes: old.length, secondBytes: section.length };
    const { produced } = groupSizes(group);
    collect();
    const made = await this.#next(head, old, section, produced);
    if (made.length === produced) return made;
    throw new Fault("worker-failed", `Cannot rebuild: ${made.length} bytes came out instead of ${produced}`);
  }

  decompress(stored: Uint8Array, length: number): Promise<Uint8Array> {
    return this.#next({ length, firstBytes: stored.length, secondBytes: 0 }, stored, none, length);
  }

  /** The next job gets a child of its own. */
  async #end(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    await this.#end();
  }
}

export function confinedRebuilder(options: RebuilderOptions): Rebuilder {
  return { start: (signal) => new ConfinedRun(options, signal) };
}

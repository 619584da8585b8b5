// The Rebuilder port: one confined Node a run (P9). What it answers is measured here; whether it is right, the digest of
// the whole decides.
import { Fault } from "../../base/fault.ts";
import { groupSizes } from "../../delta/rebuild-group.ts";
import { release, Taken } from "../../delta/release.ts";
import type { RebuildJob, Rebuilder, RebuilderRun } from "../../port/rebuilder.ts";
import type { LaunchOptions } from "../confined/launch.ts";
import { WorkerLink } from "../confined/worker-link.ts";
import type { JobHead } from "./rebuild-worker.ts";

const none = new Uint8Array(0);
/** A group takes a second or so, and a slow machine ten times as long. */
const silenceMsMaxDefault = 30_000;

export interface RebuilderOptions extends LaunchOptions {
  /** How long a job may neither take nor give a byte; 30 s where nothing is said. */
  readonly silenceMsMax?: number;
}

/** Its bytes are freed once the child has them. */
interface Job {
  readonly head: Omit<JobHead, "firstBytes" | "secondBytes">;
  readonly first: Uint8Array;
  readonly second: Uint8Array;
}

class ConfinedRun implements RebuilderRun {
  readonly #options: RebuilderOptions;
  readonly #signal: AbortSignal;
  #link: WorkerLink | undefined;
  #isOver = false;
  /** The child does one job at a time, and is given the next one meanwhile. */
  #given: Promise<unknown> = Promise.resolve();
  #heard: Promise<unknown> = Promise.resolve();
  readonly #pieces = new Taken();
  /** One for each job that is not done. */
  readonly #silences = new Set<NodeJS.Timeout>();

  constructor(options: RebuilderOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  #next(job: () => Promise<Job>, maxBytes: number): Promise<Uint8Array> {
    const given = this.#given.then(() => this.#watch(async () => this.#give(await job())));
    this.#given = given.catch(() => undefined);
    const heard = this.#heard.then(async () => {
      const link = await given;
      return this.#watch(() => this.#hear(link, maxBytes));
    });
    this.#heard = heard.catch(() => undefined);
    return heard;
  }

  #linked(): WorkerLink {
    this.#link ??= WorkerLink.start("rebuild", this.#options);
    return this.#link;
  }

  /** A child that is ended says so to whoever waits for it. */
  async #watch<T>(work: () => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    if (this.#isOver) throw new Fault("worker-failed", "Cannot rebuild: the child was ended");
    const { silenceMsMax = silenceMsMaxDefault } = this.#options;
    let isSilent = false;
    const stop = (): void => void this.#end();
    const silence = setTimeout(() => {
      isSilent = true;
      stop();
    }, silenceMsMax);
    this.#silences.add(silence);
    this.#signal.addEventListener("abort", stop, { once: true });
    try {
      return await work();
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!isSilent) throw error;
      throw new Fault("worker-failed", `Cannot rebuild: the confined child was silent for ${silenceMsMax / 1000} s`, {
        cause: error,
      });
    } finally {
      clearTimeout(silence);
      this.#silences.delete(silence);
      this.#signal.removeEventListener("abort", stop);
    }
  }

  /** Bytes went to the child or came from it: no job waits for one that does nothing. */
  #progressed(): void {
    for (const silence of this.#silences) silence.refresh();
  }

  /** To whom it was given is who is heard: a child that ends takes the jobs that it has with it. */
  async #give({ head, first, second }: Job): Promise<WorkerLink> {
    const link = this.#linked();
    await link.send({ ...head, firstBytes: first.length, secondBytes: second.length } satisfies JobHead);
    for (const bytes of [first, second]) {
      await link.sendData(bytes);
      this.#progressed();
    }
    await link.flushed();
    release(first);
    release(second);
    return link;
  }

  async #hear(link: WorkerLink, maxBytes: number): Promise<Uint8Array> {
    const made = new Uint8Array(maxBytes);
    for (let at = 0; ; ) {
      const said = await link.next();
      this.#progressed();
      if (said.kind === "end") return made.subarray(0, at);
      if (said.kind !== "data" || at + said.bytes.length > maxBytes)
        throw new Fault("worker-failed", "Cannot rebuild: the confined child answers out of turn");
      this.#pieces.next(said.bytes);
      made.set(said.bytes, at);
      at += said.bytes.length;
    }
  }

  async rebuild({ group, encoders, input }: RebuildJob): Promise<Uint8Array> {
    // What is copied is none of the child's business, and may be more than fits into a message.
    const steps = group.steps.filter(({ kind }) => kind !== "copy");
    const head = { group: { ...group, steps }, encoders };
    const job = async (): Promise<Job> => {
      const { old, section } = await input();
      return { head, first: old, second: section };
    };
    const { produced } = groupSizes(group);
    const made = await this.#next(job, produced);
    if (made.length === produced) return made;
    throw new Fault("worker-failed", `Cannot rebuild: ${made.length} bytes came out instead of ${produced}`);
  }

  decompress(stored: Uint8Array, length: number): Promise<Uint8Array> {
    // What is handed in may be a part of more, and what is sent is freed: it gets a buffer of its own. A Buffer's slice() has none.
    return this.#next(async () => ({ head: { length }, first: new Uint8Array(stored), second: none }), length);
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

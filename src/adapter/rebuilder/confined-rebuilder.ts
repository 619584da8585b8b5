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

class ConfinedRun implements RebuilderRun {
  readonly #options: LaunchOptions;
  #link: WorkerLink | undefined;
  /** The child does one job at a time. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: LaunchOptions) {
    this.#options = options;
  }

  #next(head: JobHead, first: Uint8Array, second: Uint8Array, maxBytes: number): Promise<Uint8Array> {
    const job = this.#last.then(() => this.#do(head, first, second, maxBytes));
    this.#last = job.catch(() => undefined);
    return job;
  }

  #linked(): WorkerLink {
    this.#link ??= new WorkerLink("rebuild", this.#options);
    return this.#link;
  }

  async #do(head: JobHead, first: Uint8Array, second: Uint8Array, maxBytes: number): Promise<Uint8Array> {
    const link = this.#linked();
    await link.send(head);
    await link.sendData(first);
    await link.sendData(second);
    const made = new Uint8Array(maxBytes);
    for (let at = 0; ; ) {
      const said = await link.next();
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

  async [Symbol.asyncDispose](): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    await link?.[Symbol.asyncDispose]();
  }
}

export function confinedRebuilder(options: LaunchOptions): Rebuilder {
  return { start: () => new ConfinedRun(options) };
}

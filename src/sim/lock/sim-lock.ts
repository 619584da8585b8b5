// The simulated Lock: lives as long as the boot it was taken in.
import { Fault } from "../../base/fault.ts";
import type { Clock } from "../../port/clock.ts";
import type { Lock, LockOwner } from "../../port/lock.ts";
import { CallGate } from "../call-gate.ts";

interface Held {
  readonly owner: LockOwner;
  readonly freed: PromiseWithResolvers<void>;
}

export interface SimLockOptions {
  readonly clock: Clock;
  readonly pid: number;
  readonly gate?: CallGate;
  /** Locks held now, by path; shared by the processes of one boot. */
  readonly held?: Map<string, unknown>;
}

export class SimLock implements Lock {
  readonly #held: Map<string, Held>;
  readonly #clock: Clock;
  readonly #pid: number;
  readonly #gate: CallGate;

  constructor({ clock, pid, gate, held }: SimLockOptions) {
    this.#clock = clock;
    this.#pid = pid;
    this.#gate = gate ?? new CallGate();
    this.#held = (held ?? new Map()) as Map<string, Held>;
  }

  async acquire(
    path: string,
    command: string,
    waitMs: number,
    onWait?: (owner: LockOwner | undefined) => void,
    signal?: AbortSignal,
  ): Promise<AsyncDisposable> {
    this.#enter("acquire", path);
    const until = this.#clock.elapsedMs() + waitMs;
    let told = false;
    for (let holder = this.#held.get(path); holder !== undefined; holder = this.#held.get(path)) {
      const left = until - this.#clock.elapsedMs();
      if (left <= 0) throw busy(holder.owner);
      if (!told) onWait?.(holder.owner);
      told = true;
      await this.#waitFor(holder, left, signal);
    }
    return this.#take(path, command);
  }

  async owner(path: string): Promise<LockOwner | undefined> {
    this.#enter("owner", path);
    return this.#held.get(path)?.owner;
  }

  async #waitFor(holder: Held, waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const done = new AbortController();
    const either = signal === undefined ? done.signal : AbortSignal.any([signal, done.signal]);
    const sleeping = this.#clock.sleep(waitMs, either);
    try {
      await Promise.race([holder.freed.promise, sleeping]);
    } finally {
      done.abort();
      // Broken off on purpose: it has nobody left to tell.
      sleeping.catch(() => {});
    }
  }

  #take(path: string, command: string): AsyncDisposable {
    const owner: LockOwner = { pid: this.#pid, command, sinceMs: this.#clock.nowMs() };
    const mine: Held = { owner, freed: Promise.withResolvers<void>() };
    this.#held.set(path, mine);
    return {
      [Symbol.asyncDispose]: async (): Promise<void> => {
        if (this.#held.get(path) === mine) this.#held.delete(path);
        mine.freed.resolve();
      },
    };
  }

  #enter(name: string, path: string): void {
    const fault = this.#gate.enter("lock", name, path, false);
    if (fault !== undefined) throw new Fault(fault.code, `Cannot lock ${path}: the simulated world says ${fault.code}`);
  }
}

function busy(owner: LockOwner): Fault {
  return new Fault("busy", `Cannot start: "${owner.command}" (process ${owner.pid}) is running`, {
    hint: "Wait until it is done.",
    kind: "busy",
    retriable: true,
    details: { ...owner },
  });
}

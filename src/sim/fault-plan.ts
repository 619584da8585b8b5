// Faults by plan: which call of which port is to fail, with what, and how often.
import type { CallInfo } from "./call-gate.ts";
import type { ServerFault } from "./http/sim-server.ts";

export interface PlannedFault {
  /** Only this call, counted over all ports from 1. */
  readonly call?: number;
  readonly port?: string;
  /** The name of the method, such as `write`. */
  readonly name?: string;
  /** The subject must be this, or begin with it when it ends in `*`. */
  readonly subject?: string;
  /** Lets this many matching calls pass first; 0 when absent. */
  readonly after?: number;
  /** How many matching calls fail; 1 when absent, `Infinity` for all. */
  readonly times?: number;
  /** The Fault code to fail with. */
  readonly code: string;
  /** For a failing `sync`: what had reached the medium all the same; `nothing` when absent. */
  readonly reached?: "nothing" | "part" | "everything";
  /** Instead of failing with the code; for the calls named there only. */
  readonly instead?: Misbehaviour;
}

/** What a call does that does not simply fail. */
export type Misbehaviour =
  /** A `read` returns a byte that was never written. */
  | "wrong-byte"
  /** A `read` returns half of what was asked for. */
  | "short"
  /** Of what a `sync` brings to the medium, a byte turns into another; it succeeds all the same. */
  | "rot"
  /** From this call on, whichever it is, the file system of its subject takes no changes. */
  | "turns-read-only"
  /** The server or the line does this to a `request`. */
  | { readonly server: ServerFault };

export class FaultPlan {
  readonly #faults: readonly PlannedFault[];
  readonly #seen: number[];

  constructor(faults: readonly PlannedFault[]) {
    this.#faults = faults;
    this.#seen = faults.map(() => 0);
  }

  /** The fault that `call` is to fail with. The first of the plan that matches wins; each counts for itself. */
  take(call: CallInfo): PlannedFault | undefined {
    let chosen: PlannedFault | undefined;
    for (const [index, fault] of this.#faults.entries()) {
      if (!matches(fault, call)) continue;
      const seen = this.#seen[index] ?? 0;
      this.#seen[index] = seen + 1;
      const after = fault.after ?? 0;
      if (seen >= after && seen < after + (fault.times ?? 1)) chosen ??= fault;
    }
    return chosen;
  }
}

function matches(fault: PlannedFault, call: CallInfo): boolean {
  if (fault.call !== undefined && fault.call !== call.number) return false;
  if (fault.port !== undefined && fault.port !== call.port) return false;
  if (fault.name !== undefined && fault.name !== call.name) return false;
  if (fault.subject === undefined) return true;
  if (fault.subject.endsWith("*")) return call.subject.startsWith(fault.subject.slice(0, -1));
  return fault.subject === call.subject;
}

// Every call to a simulated port passes here: counted, timed, failed by plan, or stopped by a crash (P6).
import { FaultPlan, type PlannedFault } from "./fault-plan.ts";

export interface CallInfo {
  /** Counts from 1 over all ports of one machine. */
  readonly number: number;
  readonly port: string;
  readonly name: string;
  /** The path, address or device the call is about. */
  readonly subject: string;
  /** Whether the call may change anything that outlives a crash. */
  readonly changes: boolean;
}

/** Power is gone. No Fault, so nobody mistakes it for one: whatever runs is to stop here. */
export class SimCrash extends Error {
  constructor(call: CallInfo) {
    super(`Power was cut before call ${call.number}: ${call.name} ${call.subject}`);
    this.name = "SimCrash";
  }
}

export class CallGate {
  /** How many calls have been let in. */
  calls: number = 0;
  /** May throw a SimCrash to cut the power before this call; from then on every call throws it. */
  beforeCall: ((call: CallInfo) => void) | undefined;
  readonly faults: FaultPlan;
  readonly #onCall: (call: CallInfo) => void;
  #crash: SimCrash | undefined;

  /** `onCall` lets time pass; `faults` fails calls by plan. */
  constructor(faults: FaultPlan = new FaultPlan([]), onCall: (call: CallInfo) => void = () => {}) {
    this.faults = faults;
    this.#onCall = onCall;
  }

  get crashed(): boolean {
    return this.#crash !== undefined;
  }

  /** Lets one call in, and returns the fault it is to fail with, if one is planned. */
  enter(port: string, name: string, subject: string, changes: boolean): PlannedFault | undefined {
    if (this.#crash !== undefined) throw this.#crash;
    const call: CallInfo = { number: this.calls + 1, port, name, subject, changes };
    try {
      this.beforeCall?.(call);
    } catch (error) {
      if (error instanceof SimCrash) this.#crash = error;
      throw error;
    }
    this.calls = call.number;
    this.#onCall(call);
    return this.faults.take(call);
  }

  /** A moment inside a call at which the power may go as well. */
  moment(port: string, name: string, subject: string): void {
    this.enter(port, name, subject, true);
  }
}

// The simulated Process: facts about the simulated machine, and programs that are functions.
import { Fault } from "../../base/fault.ts";
import type { Process, RunResult } from "../../port/process.ts";
import { CallGate } from "../call-gate.ts";

export type SimProgram = (args: readonly string[], stdin: string) => RunResult;

export interface SimProcessOptions {
  readonly pid?: number;
  readonly isRoot?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly bootId?: string;
  readonly programs?: Readonly<Record<string, SimProgram>>;
  readonly gate?: CallGate;
}

export class SimProcess implements Process {
  readonly pid: number;
  readonly isRoot: boolean;
  readonly architecture: string = "x86-64";
  readonly hostName: string = "simulated";
  readonly kernelRelease: string = "6.12.0-simulated";
  /** Whether a reboot was asked for. */
  rebootAsked: boolean = false;
  readonly #options: SimProcessOptions;
  readonly #gate: CallGate;

  constructor(options: SimProcessOptions = {}) {
    this.#options = options;
    this.#gate = options.gate ?? new CallGate();
    this.pid = options.pid ?? 1000;
    this.isRoot = options.isRoot ?? true;
  }

  async run(program: string, args: readonly string[], options?: { readonly stdin?: string }): Promise<RunResult> {
    const fault = this.#gate.enter("process", "run", program, true);
    const known = this.#options.programs?.[program];
    if (fault !== undefined || known === undefined) {
      throw new Fault(fault?.code ?? "tool-missing", `Cannot run ${program}: it is not on the simulated machine`);
    }
    return known(args, options?.stdin ?? "");
  }

  environment(name: string): string | undefined {
    return this.#options.environment?.[name];
  }

  async bootId(): Promise<string | undefined> {
    return this.#options.bootId;
  }

  async reboot(): Promise<void> {
    this.#gate.enter("process", "reboot", "", true);
    this.rebootAsked = true;
  }
}

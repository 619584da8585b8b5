// The simulated EFI variables: the firmware keeps them at once, so no crash takes them back.
import { Fault } from "../../base/fault.ts";
import { toHex } from "../../base/text.ts";
import type { BootListVariable, LoaderVariable, LoaderVariables } from "../../port/loader-variables.ts";
import { CallGate } from "../call-gate.ts";

export class SimLoaderVariables implements LoaderVariables {
  readonly available: boolean;
  /** What the firmware holds; shared with the world, which reads and writes it as loader and firmware do. */
  readonly values: Map<LoaderVariable | BootListVariable, string>;
  readonly #gate: CallGate;

  constructor(
    values: Map<LoaderVariable | BootListVariable, string>,
    gate: CallGate = new CallGate(),
    available: boolean = true,
  ) {
    this.values = values;
    this.#gate = gate;
    this.available = available;
  }

  async read(name: LoaderVariable): Promise<string | undefined> {
    this.#enter("read", name, false);
    return this.available ? this.values.get(name) : undefined;
  }

  async write(name: LoaderVariable, value: string | undefined): Promise<void> {
    this.#enter("write", name, true);
    if (!this.available) throw new Fault("io-error", `Cannot set ${name}: this machine is not running`);
    if (value === undefined) this.values.delete(name);
    else this.values.set(name, value);
  }

  async readBootList(name: BootListVariable): Promise<Uint8Array | undefined> {
    this.#enter("read", name, false);
    const hex = this.available ? this.values.get(name) : undefined;
    return hex === undefined ? undefined : Uint8Array.fromHex(hex);
  }

  async writeBootList(name: BootListVariable, bytes: Uint8Array): Promise<void> {
    this.#enter("write", name, true);
    if (!this.available) throw new Fault("io-error", `Cannot set ${name}: this machine is not running`);
    this.values.set(name, toHex(bytes));
  }

  #enter(call: string, name: LoaderVariable | BootListVariable, changes: boolean): void {
    const fault = this.#gate.enter("loader", call, name, changes);
    if (fault !== undefined)
      throw new Fault(fault.code, `Cannot ${call} ${name}: the simulated world says ${fault.code}`);
  }
}

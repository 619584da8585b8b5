// The simulated firmware's variables about Secure Boot: nobody but a scenario changes them (P12).
import { Fault } from "../../base/fault.ts";
import type { Firmware, FirmwareVariable } from "../../port/firmware.ts";
import { CallGate } from "../call-gate.ts";

export class SimFirmware implements Firmware {
  readonly available: boolean;
  readonly #values: ReadonlyMap<FirmwareVariable, Uint8Array>;
  readonly #gate: CallGate;

  constructor(
    values: ReadonlyMap<FirmwareVariable, Uint8Array>,
    gate: CallGate = new CallGate(),
    available: boolean = true,
  ) {
    this.#values = values;
    this.#gate = gate;
    this.available = available;
  }

  async read(name: FirmwareVariable): Promise<Uint8Array | undefined> {
    const fault = this.#gate.enter("firmware", "read", name, false);
    if (fault !== undefined) throw new Fault(fault.code, `Cannot read ${name}: the simulated world says ${fault.code}`);
    return this.available ? this.#values.get(name) : undefined;
  }
}

// One partition as a file of exactly its size.
import { Fault } from "../../base/fault.ts";
import type { DiskFile, OpenMode } from "../../port/disk.ts";
import type { CallGate } from "../call-gate.ts";
import { Content } from "../disk/content.ts";
import { spoil } from "../disk/sim-file.ts";
import type { Misbehaviour } from "../fault-plan.ts";
import type { BlockDevices } from "./block-devices.ts";

/** Where a partition rots: within whatever is written to its beginning. */
const rottenByte = 4_000;

export class SimPartitionFile implements DiskFile {
  readonly path: string;
  readonly #devices: BlockDevices;
  readonly #gate: CallGate;
  readonly #device: string;
  readonly #number: number;
  readonly #mode: OpenMode;

  constructor(devices: BlockDevices, gate: CallGate, device: string, number: number, mode: OpenMode) {
    this.path = `${device}#${number}`;
    this.#devices = devices;
    this.#gate = gate;
    this.#device = device;
    this.#number = number;
    this.#mode = mode;
  }

  async size(): Promise<number> {
    return this.#content().sizeBytes;
  }

  async read(offset: number, into: Uint8Array): Promise<number> {
    const instead = this.#enter("read", false);
    const asked = instead === "short" ? into.subarray(0, Math.ceil(into.length / 2)) : into;
    const length = this.#content().readInto(offset, asked);
    if (instead === "wrong-byte") spoil(into.subarray(0, length));
    return length;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    if (this.#mode !== "modify")
      throw new Fault("no-permission", `Cannot write ${this.path}: it is open for reading only`);
    this.#enter("write", true);
    if (offset + bytes.length > this.#content().sizeBytes) {
      throw new Fault("no-space", `Cannot write ${this.path}: the partition ends before byte ${offset + bytes.length}`);
    }
    this.#devices.write(this.#device, this.#number, offset, Content.of(bytes));
  }

  async sync(): Promise<void> {
    const fault = this.#gate.enter("volumes", "sync", this.path, true);
    if (fault === undefined || fault.instead === "rot") {
      this.#devices.sync(this.#device, this.#number);
      if (fault !== undefined) this.#devices.corrupt(this.#device, this.#number, rottenByte);
      return;
    }
    this.#devices.failSync(this.#device, this.#number, fault.reached ?? "nothing");
    throw new Fault(fault.code, `Cannot flush ${this.path}: the simulated world says ${fault.code}`);
  }

  truncate(): Promise<void> {
    return Promise.reject(this.#fixed("size"));
  }

  setMode(): Promise<void> {
    return Promise.reject(this.#fixed("mode"));
  }

  setTime(): Promise<void> {
    return Promise.reject(this.#fixed("time"));
  }

  setOwner(): Promise<void> {
    return Promise.reject(this.#fixed("owner"));
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #content(): Content {
    const from = this.#mode === "medium" ? "medium" : "cache";
    return this.#devices.content(this.#device, this.#number, from) ?? Content.empty;
  }

  #fixed(what: string): Fault {
    return new Fault("io-error", `Cannot set the ${what} of ${this.path}: a partition has none of its own`);
  }

  #enter(name: string, changes: boolean): Misbehaviour | undefined {
    const fault = this.#gate.enter("volumes", name, this.path, changes);
    if (fault === undefined || fault.instead !== undefined) return fault?.instead;
    throw new Fault(fault.code, `Cannot ${name} ${this.path}: the simulated world says ${fault.code}`);
  }
}

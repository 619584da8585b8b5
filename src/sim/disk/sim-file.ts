// An open file of the simulated disk.
import { Fault } from "../../base/fault.ts";
import type { DiskFile, OpenMode } from "../../port/disk.ts";
import type { PlannedFault } from "../fault-plan.ts";
import { Content } from "./content.ts";
import type { NodeId, SimFileSystem } from "./file-system.ts";

/** What an open file needs of its disk: to be let in, and to have errors named. */
export interface FileHost {
  enter(name: string, path: string, changes: boolean): PlannedFault | undefined;
  /** Runs one change, with the errors of the simulated kernel turned into Faults about `path`. */
  attempt<T>(verb: string, path: string, work: () => T): T;
}

export class SimFile implements DiskFile {
  readonly path: string;
  readonly #host: FileHost;
  readonly #fs: SimFileSystem;
  readonly #node: NodeId;
  readonly #mode: OpenMode;
  #open: boolean = true;

  constructor(host: FileHost, path: string, fs: SimFileSystem, node: NodeId, mode: OpenMode) {
    this.path = path;
    this.#host = host;
    this.#fs = fs;
    this.#node = node;
    this.#mode = mode;
    fs.hold(node);
  }

  async size(): Promise<number> {
    this.#needOpen();
    return this.#fs.view(this.#node).sizeBytes;
  }

  async read(offset: number, into: Uint8Array): Promise<number> {
    this.#needOpen();
    const fault = this.#host.enter("read", this.path, false);
    if (fault !== undefined && fault.instead === undefined) throw failure(fault.code, "read", this.path);
    const from = this.#mode === "medium" ? "medium" : "cache";
    const asked = fault?.instead === "short" ? into.subarray(0, Math.ceil(into.length / 2)) : into;
    const length = this.#host.attempt("read", this.path, () => this.#fs.read(this.#node, from, offset, asked));
    if (fault?.instead === "wrong-byte") spoil(into.subarray(0, length));
    return length;
  }

  async write(offset: number, bytes: Uint8Array): Promise<void> {
    const piece = Content.of(bytes);
    this.#mutate("write", "write", () => this.#fs.write(this.#node, offset, piece));
  }

  async truncate(sizeBytes: number): Promise<void> {
    this.#mutate("truncate", "resize", () => this.#fs.truncate(this.#node, sizeBytes));
  }

  async sync(): Promise<void> {
    this.#needOpen();
    const fault = this.#host.enter("sync", this.path, true);
    if (fault !== undefined && fault.instead === undefined) {
      this.#fs.failSync(this.#node, fault.reached ?? "nothing");
      throw failure(fault.code, "flush", this.path);
    }
    const wrote = this.#fs.sync(this.#node);
    if (wrote && fault?.instead === "rot") this.#rot();
  }

  async setMode(mode: number): Promise<void> {
    this.#mutate("setMode", "set the mode of", () => this.#fs.change(this.#node, { mode }));
  }

  async setTime(mtimeUs: bigint): Promise<void> {
    this.#mutate("setTime", "set the time of", () => this.#fs.change(this.#node, { mtimeUs }));
  }

  async setOwner(uid: number, gid: number): Promise<void> {
    this.#mutate("setOwner", "set the owner of", () => this.#fs.change(this.#node, { uid, gid }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    this.#fs.release(this.#node);
  }

  /** Behind everybody's back. */
  #rot(): void {
    const content = this.#fs.content(this.#node, "medium");
    const at = Math.floor(content.sizeBytes / 2);
    const [byte] = content.slice(at, at + 1).bytes();
    if (byte !== undefined) this.#fs.corrupt(this.#node, content.with(at, Content.of(Uint8Array.of(byte ^ 0xff))));
  }

  #mutate(name: string, verb: string, work: () => void): void {
    this.#needOpen();
    if (this.#mode === "read" || this.#mode === "medium") {
      throw new Fault("no-permission", `Cannot ${verb} ${this.path}: it is open for reading only`);
    }
    const fault = this.#host.enter(name, this.path, true);
    if (fault !== undefined) throw failure(fault.code, verb, this.path);
    this.#host.attempt(verb, this.path, () => {
      if (this.#fs.readOnly) throw new Fault("read-only", `Cannot ${verb} ${this.path}: its file system is read-only`);
      work();
    });
  }

  #needOpen(): void {
    if (!this.#open) throw new Fault("io-error", `Cannot use ${this.path}: the file is closed`);
  }
}

/** The byte in the middle is another than was written. */
export function spoil(bytes: Uint8Array): void {
  const at = Math.floor(bytes.length / 2);
  const byte = bytes[at];
  if (byte !== undefined) bytes[at] = byte ^ 0xff;
}

/** A fault by plan, as the port words it. */
export function failure(code: string, verb: string, path: string): Fault {
  return new Fault(code, `Cannot ${verb} ${path}: the simulated world says ${code}`, {
    hint: "This failure was planned by the simulation.",
  });
}

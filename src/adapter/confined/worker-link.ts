// Our end of the conversation with a worker: messages and data out, checked frames in.
import { Fault } from "../../base/fault.ts";
import type { ByteStreams, ChildEnd } from "./byte-streams.ts";
import { ChildBytes } from "./child-bytes.ts";
import { dataBytesMax, frameHead, FrameReader, messageFrame, parseFault, parseMessage, type Frame } from "./frame.ts";
import { launchWorker, type LaunchOptions, type WorkerTask } from "./launch.ts";
import { SocketBytes } from "./socket-bytes.ts";

export type WorkerSays =
  | { readonly kind: "message"; readonly value: Record<string, unknown> }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

export class WorkerLink implements AsyncDisposable {
  readonly #bytes: ByteStreams;
  readonly #reader = new FrameReader();
  readonly #frames: Frame[] = [];

  private constructor(bytes: ByteStreams) {
    this.#bytes = bytes;
  }

  /** A child of our own. */
  static start(task: WorkerTask, options: LaunchOptions): WorkerLink {
    return new WorkerLink(new ChildBytes(launchWorker(task, options)));
  }

  /** One that whoever listens at this socket starts for us. */
  static reach(socketPath: string): WorkerLink {
    return new WorkerLink(new SocketBytes(socketPath));
  }

  async send(value: unknown): Promise<void> {
    await this.#bytes.write(messageFrame("message", value));
  }

  /** `false` once the worker no longer listens; `next` then says why. */
  async sendData(bytes: Uint8Array): Promise<boolean> {
    let heard = true;
    for (let offset = 0; offset < bytes.length && heard; offset += dataBytesMax) {
      const piece = bytes.subarray(offset, offset + dataBytesMax);
      heard = await this.#bytes.write([frameHead("data", piece.length), piece]);
    }
    return heard;
  }

  /** Resolves once what was sent has left this process, or never will: its bytes may be others then. */
  async flushed(): Promise<void> {
    await this.#bytes.flushed();
  }

  async sendEnd(): Promise<void> {
    await this.#bytes.write([frameHead("end", 0)]);
  }

  /** The next thing the worker says; data in pieces as they arrived. Throws what it reports as a Fault. */
  async next(): Promise<WorkerSays> {
    while (this.#frames.length === 0) {
      const chunks = await this.#bytes.read();
      if (chunks.length === 0) throw await this.#broken();
      for (const chunk of chunks) this.#frames.push(...this.#reader.read(chunk));
    }
    const first = this.#frames.shift();
    if (first?.kind === "data") return { kind: "data", bytes: first.bytes };
    if (first === undefined || first.kind === "end") return { kind: "end" };
    if (first.kind === "fault") throw parseFault(first.bytes);
    return { kind: "message", value: parseMessage(first.bytes) };
  }

  async #broken(): Promise<Fault> {
    const end = await this.#bytes.end;
    const why = end.error?.message ?? (end.stderr.trim() || howItEnded(end));
    return new Fault("worker-failed", `Cannot go on: the confined child failed: ${why.slice(0, 500)}`, {
      retriable: true,
    });
  }

  setIdle(idle: boolean): void {
    this.#bytes.setIdle(idle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#bytes.kill();
  }
}

/** Of a child that another process started we see only that its connection closed. */
function howItEnded({ signal, exitCode }: ChildEnd): string {
  if (signal !== undefined) return `it ended with ${signal}`;
  return exitCode === undefined ? "it closed its connection" : `it ended with exit code ${exitCode}`;
}

// The byte streams of a confined child as we want them: input with back pressure, output in large pieces, one end.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { assert } from "../../base/assert.ts";

/** Output that we hold before the child has to wait. */
const queuedBytesMax = 256 * 1024;
const stderrBytesMax = 4096;

export interface ChildEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The start of what it had to say. */
  readonly stderr: string;
  /** When it could not be started at all. */
  readonly error: NodeJS.ErrnoException | undefined;
}

export class ChildBytes {
  readonly #child: ChildProcess;
  readonly #input: Writable;
  readonly #output: Readable;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #outputEnded = false;
  #wake: (() => void) | undefined;
  readonly end: Promise<ChildEnd>;

  constructor(child: ChildProcess) {
    assert(child.stdin !== null && child.stdout !== null && child.stderr !== null, "all three streams are pipes");
    this.#child = child;
    this.#input = child.stdin;
    this.#output = child.stdout;
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < stderrBytesMax) stderr = (stderr + chunk.toString("utf8")).slice(0, stderrBytesMax);
    });
    // Its reader gone, writing fails; the end of the child says why.
    this.#input.on("error", () => undefined);
    this.#output.on("data", (chunk: Uint8Array) => this.#arrived(chunk));
    this.#output.on("error", () => this.#ended());
    this.#output.on("close", () => this.#ended());
    this.end = new Promise((resolve) => {
      child.on("error", (error: NodeJS.ErrnoException) => {
        this.#ended();
        resolve({ exitCode: undefined, signal: undefined, stderr, error });
      });
      child.on("close", (code, signal) => {
        this.#ended();
        resolve({ exitCode: code ?? undefined, signal: signal ?? undefined, stderr, error: undefined });
      });
    });
  }

  #arrived(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= queuedBytesMax) this.#output.pause();
    this.#wake?.();
  }

  #ended(): void {
    this.#outputEnded = true;
    this.#wake?.();
  }

  /** Everything that has arrived, at least one chunk; empty once the child has closed its output. */
  async read(): Promise<readonly Uint8Array[]> {
    while (this.#queue.length === 0 && !this.#outputEnded) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      this.#wake = undefined;
    }
    const chunks = this.#queue;
    this.#queue = [];
    this.#queuedBytes = 0;
    if (this.#output.isPaused()) this.#output.resume();
    return chunks;
  }

  /** Resolves when there is room again; `false` once the child no longer listens. */
  async write(chunks: readonly Uint8Array[]): Promise<boolean> {
    if (!this.#input.writable) return false;
    this.#input.cork();
    let room = true;
    for (const chunk of chunks) room = this.#input.write(chunk);
    this.#input.uncork();
    if (room) return true;
    const gone = new AbortController();
    try {
      await Promise.race([
        once(this.#input, "drain", { signal: gone.signal }),
        once(this.#input, "close", { signal: gone.signal }),
      ]);
    } catch {
      // An error of the pipe: the child is gone, and `writable` says so.
    } finally {
      gone.abort();
    }
    return this.#input.writable;
  }

  closeInput(): void {
    this.#input.end();
  }

  /** Whether an idle child may keep this process alive. */
  setIdle(idle: boolean): void {
    for (const handle of [this.#child, this.#input, this.#output, this.#child.stderr]) {
      const referenced = handle as { ref?: () => void; unref?: () => void } | null;
      if (idle) referenced?.unref?.();
      else referenced?.ref?.();
    }
  }

  /** Ends the child and waits for it; what it had still to say is dropped. */
  async kill(): Promise<void> {
    this.setIdle(false);
    this.#child.kill("SIGKILL");
    this.#output.destroy();
    this.#input.destroy();
    await this.end;
  }
}

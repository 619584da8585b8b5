// The two byte streams of a conversation as we want them: input with back pressure, output in large pieces, one end.
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** Output that we hold before the other side has to wait. */
const queuedBytesMax = 256 * 1024;

/** How a confined child ended. */
export interface ChildEnd {
  readonly exitCode: number | undefined;
  readonly signal: string | undefined;
  /** The start of what it had to say. */
  readonly stderr: string;
  /** When it could not be started or reached at all. */
  readonly error: NodeJS.ErrnoException | undefined;
}

/** A confined child, wherever it runs. */
export abstract class ByteStreams {
  readonly #input: Writable;
  readonly #output: Readable;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #outputEnded = false;
  #wake: (() => void) | undefined;
  abstract readonly end: Promise<ChildEnd>;

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    this.#output = output;
    // Its reader gone, writing fails; the end of the child says why.
    input.on("error", () => undefined);
    output.on("data", (chunk: Uint8Array) => this.#arrived(chunk));
    output.on("error", () => this.ended());
    output.on("close", () => this.ended());
  }

  #arrived(chunk: Uint8Array): void {
    this.#queue.push(chunk);
    this.#queuedBytes += chunk.length;
    if (this.#queuedBytes >= queuedBytesMax) this.#output.pause();
    this.#wake?.();
  }

  /** Nothing comes any more. */
  protected ended(): void {
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

  /** Resolves once the kernel has all that was written, or the child is gone. */
  flushed(): Promise<void> {
    return new Promise((resolve) => void this.#input.write(new Uint8Array(0), () => resolve()));
  }

  closeInput(): void {
    this.#input.end();
  }

  /** Whether an idle child may keep this process alive. */
  abstract setIdle(idle: boolean): void;

  /** Ends the child and waits for it; what it had still to say is dropped. */
  abstract kill(): Promise<void>;
}

// The byte streams of a confined child that we started.
import type { ChildProcess } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { assert } from "../../base/assert.ts";
import { ByteStreams, type ChildEnd } from "./byte-streams.ts";

const stderrBytesMax = 4096;

export class ChildBytes extends ByteStreams {
  readonly #child: ChildProcess;
  readonly #streams: readonly [Writable, Readable];
  readonly end: Promise<ChildEnd>;

  constructor(child: ChildProcess) {
    assert(child.stdin !== null && child.stdout !== null && child.stderr !== null, "all three streams are pipes");
    super(child.stdin, child.stdout);
    this.#child = child;
    this.#streams = [child.stdin, child.stdout];
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => {
      if (stderr.length < stderrBytesMax) stderr = (stderr + chunk.toString("utf8")).slice(0, stderrBytesMax);
    });
    this.end = new Promise((resolve) => {
      child.on("error", (error: NodeJS.ErrnoException) => {
        this.ended();
        resolve({ exitCode: undefined, signal: undefined, stderr, error });
      });
      child.on("close", (code, signal) => {
        this.ended();
        resolve({ exitCode: code ?? undefined, signal: signal ?? undefined, stderr, error: undefined });
      });
    });
  }

  override setIdle(idle: boolean): void {
    for (const handle of [this.#child, ...this.#streams, this.#child.stderr]) {
      const referenced = handle as { ref?: () => void; unref?: () => void } | null;
      if (idle) referenced?.unref?.();
      else referenced?.ref?.();
    }
  }

  override async kill(): Promise<void> {
    this.setIdle(false);
    this.#child.kill("SIGKILL");
    for (const stream of this.#streams) stream.destroy();
    await this.end;
  }
}

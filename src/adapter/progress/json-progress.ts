// Progress as JSON Lines on a file descriptor, for programs: each event as it is, bytes at most ten times a second.
import { writeSync } from "node:fs";
import type { Progress, ProgressEvent } from "../../port/progress.ts";
import { errnoOf } from "../disk/errno.ts";

const bytesEveryMs = 100;
/** A reader that is this slow is left behind rather than waited for. */
const patienceMs = 200;

export function jsonProgress(fd: number, nowMs: () => number = () => performance.now()): Progress {
  let open = true;
  let lastBytesMs = Number.NEGATIVE_INFINITY;
  return {
    report(event: ProgressEvent): void {
      if (event.kind === "step") lastBytesMs = Number.NEGATIVE_INFINITY;
      if (event.kind === "bytes") {
        const isLast = event.done === event.total;
        if (!isLast && nowMs() - lastBytesMs < bytesEveryMs) return;
        lastBytesMs = nowMs();
      }
      if (open) open = writeWhole(fd, Buffer.from(`${JSON.stringify(event)}\n`));
    },
  };
}

/** `false` when nobody reads any more: progress is a courtesy, and never fails an update. */
function writeWhole(fd: number, line: Buffer): boolean {
  const deadline = performance.now() + patienceMs;
  for (let done = 0; done < line.length; ) {
    try {
      done += writeSync(fd, line, done);
    } catch (error) {
      if (errnoOf(error) !== "EAGAIN" || performance.now() > deadline) return false;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
  return true;
}

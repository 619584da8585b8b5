// A flush that failed is no flush: the file is abandoned, because a second one proves nothing (DESIGN, model of a disk).
import { Fault } from "../../base/fault.ts";
import type { DiskFile } from "../../port/disk.ts";

export type FlushFaultCode = "flush-failed";

/** Flushes `file`. Fault `flush-failed`: what it holds may be lost although it still reads well, so whoever made it removes it. */
export async function flush(file: DiskFile): Promise<void> {
  try {
    await file.sync();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const { message, hint, kind, retriable, details } = error;
    throw new Fault<FlushFaultCode>("flush-failed", message, {
      ...(hint === undefined ? {} : { hint }),
      kind,
      retriable,
      details: { ...details, code: error.code },
      cause: error,
    });
  }
}

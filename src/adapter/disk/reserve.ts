// Room for a file that is to grow, with fallocate(1): Node cannot call fallocate(2) itself.
import { stat, statfs } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { MachinePath } from "../../port/disk.ts";
import type { Process } from "../../port/process.ts";
import { orFault } from "./errno.ts";

function full(path: MachinePath, neededBytes: number, availableBytes: number): Fault {
  return new Fault("no-space", `Cannot reserve ${neededBytes} bytes for ${path}: ${availableBytes} bytes are free`, {
    hint: "Free space there, for example with `holdfast vacuum`.",
    details: { neededBytes, availableBytes },
  });
}

/**
 * The free space is looked at first, so that a file system that cannot reserve at least refuses what cannot fit.
 * Where it cannot reserve (or the program is missing), the room may still be taken by others: the write will say so.
 */
export async function reserve(process: Process, host: string, path: MachinePath, sizeBytes: number): Promise<void> {
  const doing = `reserve space for ${path}`;
  const file = await orFault(doing, stat(host));
  const space = await orFault(doing, statfs(host));
  const neededBytes = Math.max(0, sizeBytes - file.blocks * 512);
  const availableBytes = space.bavail * space.bsize;
  if (neededBytes > availableBytes) throw full(path, neededBytes, availableBytes);
  if (sizeBytes <= file.size) return;
  try {
    const { exitCode, stderr } = await process.run("fallocate", [
      "--keep-size",
      "--length",
      String(sizeBytes),
      "--",
      host,
    ]);
    if (exitCode !== 0 && /No space left|quota exceeded/i.test(stderr)) throw full(path, neededBytes, availableBytes);
  } catch (error) {
    if (!(error instanceof Fault) || error.code !== "tool-missing") throw error;
  }
}

// How much memory a way of bringing bytes in may take on this machine.
import { Fault } from "../../../base/fault.ts";
import type { Session } from "../../session.ts";

/** The most on any machine, so that the whole program stays below 200 MB (issue 5, goals). */
const mostBytes = 160 << 20;
/** Of what is free: a machine that swaps is slower than any download. */
const share = 0.5;
/** MemAvailable is in the third line. */
const startBytes = 1024;

/** Linux says what can be had without swapping; where it does not, the most counts. */
export async function memoryLimitBytes(session: Session): Promise<number> {
  try {
    await using file = await session.machine.disk.open("/proc/meminfo", "read");
    const start = new Uint8Array(startBytes);
    const text = new TextDecoder().decode(start.subarray(0, await file.read(0, start)));
    const kibibytes = /^MemAvailable: +(\d{1,15}) kB$/m.exec(text)?.[1];
    return kibibytes === undefined ? mostBytes : Math.min(mostBytes, Math.floor(Number(kibibytes) * 1024 * share));
  } catch (error) {
    if (error instanceof Fault) return mostBytes;
    throw error;
  }
}

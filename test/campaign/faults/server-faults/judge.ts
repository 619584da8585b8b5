// What Holdfast promises of each cell: nothing lost, a sentence that names it, bounds on everything, and it heals.
import type { Cell } from "./cell.ts";

/** The program takes about 100 MiB, each of its confined children 60, and a list of checksums may have 16. */
const peakBytesMax = 320 << 20;
/** What an update of 230 kB may cost a server that misbehaves. */
const requestsMax = 60;
/** Nobody takes in more than a list may have, three times, or than the disk of the machine holds. */
const bytesMax = 120 << 20;
/** A sentence for each attempt that went on, and the end. */
const messageMax = 4096;

/** Everything that is not as promised, in sentences; the codes are DESIGN's. */
export function problemsOf(cell: Cell): readonly string[] {
  const { first, next } = cell;
  const problems: string[] = [];
  const where = `${cell.fault}, ${cell.resource}`;
  const note = (wrong: boolean, what: string): void => void (wrong && problems.push(`${where}: ${what}`));
  note(first.hung || next.hung, "it does not end");
  note(![0, 1, 3, 4, 5].includes(first.code ?? -1), `it ended with ${first.code}: ${first.output}`);
  note(cell.lied || (first.code === 3 && !cell.atOnce), `it ended with ${first.code}, and version 3 does not boot`);
  note(first.code !== 0 && !/^holdfast: Cannot .+: .+$/m.test(first.output), `no sentence says why: ${first.output}`);
  note(first.outputBytes > messageMax, `it said ${first.outputBytes} bytes`);
  note(cell.broken.length > 0, `broken: ${cell.broken.join(", ")}`);
  note(cell.fallbackLost, "a version from before does not boot any more");
  note(first.peakBytes > peakBytesMax, `it held ${first.peakBytes >> 20} MiB`);
  note(cell.requests > requestsMax, `it made ${cell.requests} requests`);
  note(cell.bytes > bytesMax, `it fetched ${cell.bytes} bytes`);
  note(
    !cell.healed,
    `the next update ended with ${next.code}, left over: ${cell.leftovers.join(", ")}: ${next.output}`,
  );
  return problems;
}

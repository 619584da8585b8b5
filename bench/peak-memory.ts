// Peak memory of a tree of processes, from /proc while it runs.
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface ProcessPeak {
  readonly name: string;
  /** VmHWM: the kernel's own high-water mark, so that it is enough to have read it once near the end. */
  readonly peakBytes: number;
  /** The most seen of memory that is no file's. */
  readonly anonymousBytes: number;
}

export interface PeakMemory {
  /** The largest sum of the high-water marks of processes that ran at the same time. */
  readonly peakBytes: number;
  /** The largest sum seen of proportional sizes: what two processes share, such as the program itself, counts once. */
  readonly proportionalBytes: number;
  readonly processes: readonly ProcessPeak[];
}

const samplePauseMs = 10;
/** Adding up the mappings costs the kernel some time. */
const samplesPerProportional = 3;

/** Samples all descendants of `root` until `signal`. */
export async function samplePeak(root: number, signal: AbortSignal): Promise<PeakMemory> {
  const processes = new Map<number, ProcessPeak>();
  let peakBytes = 0;
  let proportionalBytes = 0;
  for (let sample = 0; !signal.aborted; sample++) {
    const running = await descendants(root);
    let sum = 0;
    for (const pid of running) {
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
      const before = processes.get(pid);
      const now: ProcessPeak = {
        name: /^Name:\s+(.+)$/m.exec(status)?.[1] ?? before?.name ?? "?",
        peakBytes: Math.max(before?.peakBytes ?? 0, bytesOf(status, "VmHWM")),
        anonymousBytes: Math.max(before?.anonymousBytes ?? 0, bytesOf(status, "RssAnon")),
      };
      processes.set(pid, now);
      sum += now.peakBytes;
    }
    peakBytes = Math.max(peakBytes, sum);
    if (sample % samplesPerProportional === 0)
      proportionalBytes = Math.max(proportionalBytes, await proportional(running));
    await sleep(samplePauseMs);
  }
  return { peakBytes, proportionalBytes, processes: [...processes.values()] };
}

async function proportional(pids: readonly number[]): Promise<number> {
  const texts = pids.map((pid) => readFile(`/proc/${pid}/smaps_rollup`, "utf8").catch(() => ""));
  return (await Promise.all(texts)).reduce((sum, text) => sum + bytesOf(text, "Pss"), 0);
}

function bytesOf(text: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(text)?.[1] ?? 0) * 1024;
}

/** A child that was forked and has not started its program yet holds its parent's pages: it is not counted. */
async function descendants(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const children = text
    .split(" ")
    .filter((word) => word.trim() !== "")
    .map(Number);
  if (children.length === 0) return [];
  const own = await commandLine(pid);
  const lines = await Promise.all(children.map(commandLine));
  const started = children.filter((_, index) => lines[index] !== own && lines[index] !== "");
  const further = await Promise.all(started.map(descendants));
  return [...started, ...further.flat()];
}

function commandLine(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
}

// Runs a program and measures it from outside: wall clock, CPU seconds, peak memory, and when its steps ended.
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { type PeakMemory, samplePeak } from "./peak-memory.ts";

export interface Timed {
  readonly title: string;
  readonly seconds: number;
}

export interface Measured {
  readonly exitCode: number;
  readonly wallSeconds: number;
  /** User and system time of the program and of all it started. */
  readonly cpuSeconds: number;
  /** Of the program and all it started, where asked for. */
  readonly memory: PeakMemory | undefined;
  /** From the program's progress on descriptor 3. */
  readonly steps: readonly Timed[];
  readonly output: string;
}

export interface MeasureOptions {
  readonly sampleMemory?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

/** The program can write JSON Lines of progress to descriptor 3. */
export async function measure(
  program: string,
  args: readonly string[],
  options: MeasureOptions = {},
): Promise<Measured> {
  // The shell's `times` is the one portable way to learn the CPU seconds of a whole tree of processes.
  const script = '"$@"; code=$?; times >&4; exit $code';
  const begin = performance.now();
  const child = spawn("sh", ["-c", script, "sh", program, ...args], {
    stdio: ["ignore", "pipe", "pipe", "pipe", "pipe"],
    env: { ...process.env, LC_ALL: "C", ...options.environment },
  });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code ?? 128));
  });
  const steps: Timed[] = [];
  const finished = new AbortController();
  const [exitCode, stdout, stderr, , times, memory] = await Promise.all([
    ended.finally(() => finished.abort()),
    text(child.stdout),
    text(child.stderr),
    readSteps(child.stdio[3] as Readable, steps),
    text(child.stdio[4] as Readable),
    options.sampleMemory === true && child.pid !== undefined ? samplePeak(child.pid, finished.signal) : undefined,
  ]);
  const wallSeconds = (performance.now() - begin) / 1000;
  return { exitCode, wallSeconds, cpuSeconds: cpuSeconds(times), memory, steps, output: `${stdout}${stderr}` };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** The second line of `times` is about the children: `0m1.25s 0m0.50s`. */
function cpuSeconds(times: string): number {
  const children = times.trim().split("\n")[1] ?? "";
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, match) => sum + Number(match[1]) * 60 + Number(match[2]),
    0,
  );
}

async function text(stream: Readable | null): Promise<string> {
  let all = "";
  for await (const chunk of stream ?? []) all += String(chunk);
  return all;
}

async function readSteps(stream: Readable, steps: Timed[]): Promise<void> {
  let rest = "";
  let beganMs = performance.now();
  for await (const chunk of stream) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const event = JSON.parse(line) as { readonly kind: string; readonly title?: string };
      if (event.kind === "step") beganMs = performance.now();
      if (event.kind === "step-done")
        steps.push({ title: event.title ?? "", seconds: (performance.now() - beganMs) / 1000 });
    }
  }
}

// Runs a program to its end, watched from outside: how long it took, and how much memory it and its children held at most.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Command } from "../kills/execute.ts";

export interface MeasuredRun {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  /** Both streams, cut after a megabyte. */
  readonly output: string;
  readonly outputBytes: number;
  readonly seconds: number;
  /** Resident, of the process and all that lived below it at one moment, each at its own peak. */
  readonly peakBytes: number;
  /** It did not end by itself within the bound, and was killed. */
  readonly hung: boolean;
}

export interface MeasureOptions {
  readonly secondsMax: number;
  /** On top of the command's own. */
  readonly env?: Readonly<Record<string, string>>;
}

const lookMs = 40;
const outputMax = 1 << 20;

export async function measuredRun({ argv, env }: Command, options: MeasureOptions): Promise<MeasuredRun> {
  const begin = performance.now();
  const child = spawn(argv[0] ?? "", argv.slice(1), {
    cwd: "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", ...env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  let outputBytes = 0;
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      outputBytes += text.length;
      if (output.length < outputMax) output += text;
    });
  const { pid } = child;
  let peakBytes = 0;
  const look = setInterval(() => {
    if (pid !== undefined) peakBytes = Math.max(peakBytes, heldBelow(pid));
  }, lookMs);
  let hung = false;
  const bound = setTimeout(() => {
    hung = true;
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  }, options.secondsMax * 1000);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    return { code, output, outputBytes, seconds: (performance.now() - begin) / 1000, peakBytes, hung };
  } finally {
    clearInterval(look);
    clearTimeout(bound);
  }
}

/** The kernel keeps each process's own peak, so that looking now and then is enough. */
function heldBelow(pid: number): number {
  const read = (name: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${name}`, "utf8");
    } catch {
      return "";
    }
  };
  const own = Number(/^VmHWM:\s+(\d+) kB$/m.exec(read("status"))?.[1] ?? 0) * 1024;
  const children = read(`task/${pid}/children`)
    .split(" ")
    .filter((text) => text !== "");
  return children.reduce((sum, child) => sum + heldBelow(Number(child)), own);
}

// Runs bin/holdfast as a child process, as a person would, with nothing of the host's environment that could matter.
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another name of the program. */
  readonly program?: string;
  /** Gives it a pipe as descriptor 3. */
  readonly pipe3?: boolean;
}

export interface Ended {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** `npm run test:package` has the same tests run the single executable. */
export const program: string = process.env["HOLDFAST_PROGRAM"] ?? join(import.meta.dirname, "../../bin/holdfast");

/** A run that takes longer hangs. */
const secondsMax = 120;

export function startHoldfast(args: readonly string[], options: RunOptions = {}): Running {
  const begin = performance.now();
  const child = spawn(options.program ?? program, args, {
    cwd: options.cwd ?? "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", ...options.env },
    stdio: ["ignore", "pipe", "pipe", options.pipe3 === true ? "pipe" : "ignore"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const hangs = setTimeout(() => child.kill("SIGKILL"), secondsMax * 1000);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject).once("close", (code, signal) => {
      clearTimeout(hangs);
      resolve({ code, signal, stdout, stderr, seconds: (performance.now() - begin) / 1000 });
    });
  });
  return { child, ended };
}

export async function holdfast(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startHoldfast(args, options).ended;
}

/** The one value that `--json` prints. */
export function json(ended: Ended): unknown {
  return JSON.parse(ended.stdout);
}

/** The line on standard error that says why it failed, without the program's name. */
export function reason(ended: Ended): string {
  const line = ended.stderr.split("\n").find((text) => text.startsWith("holdfast: "));
  return line?.slice("holdfast: ".length) ?? `no reason given:\n${ended.stderr}`;
}

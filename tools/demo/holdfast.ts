// Runs bin/holdfast itself as a child, as a person would; the display on the screen is its own.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusReport } from "../../src/wire/reports.ts";
import { checkout, shown } from "./place.ts";
import { command } from "./screen.ts";

export interface Ended {
  readonly exitCode: number;
  readonly seconds: number;
}

const program = join(checkout, "bin/holdfast");

/** Shows the command line, runs it, and presses Ctrl-C as soon as `interruptWhen` says so. */
export function holdfast(root: string, args: readonly string[], interruptWhen?: () => boolean): Promise<Ended> {
  return runHoldfast([...args, "--root", shown(root)], interruptWhen);
}

/** The same, of no machine; paths are seen from the checkout. */
export async function runHoldfast(args: readonly string[], interruptWhen?: () => boolean): Promise<Ended> {
  command(`bin/holdfast ${args.join(" ")}`);
  const begin = performance.now();
  const child = spawn(program, args, { cwd: checkout, stdio: "inherit" });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject).once("close", (code) => resolve(code ?? 128));
  });
  const over = new AbortController();
  const interrupt = async (due: () => boolean): Promise<void> => {
    while (!over.signal.aborted && !due()) await sleep(10);
    if (!over.signal.aborted) child.kill("SIGINT");
  };
  const interrupted = interruptWhen === undefined ? undefined : interrupt(interruptWhen);
  const [exitCode] = await Promise.all([ended.finally(() => over.abort()), interrupted]);
  return { exitCode, seconds: (performance.now() - begin) / 1000 };
}

/** What `holdfast status --json` answers. */
export async function status(root: string): Promise<StatusReport> {
  const child = spawn(program, ["status", "--json", "--root", root], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  const code = await ended;
  if (code !== 0 && code !== 7) throw new Error(`bin/holdfast status ended with exit code ${code}`);
  return JSON.parse(text) as StatusReport;
}

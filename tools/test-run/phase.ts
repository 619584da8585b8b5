// Runs one group of test files, each process counted from outside, so that whatever a test does to its own process,
// the counting goes on.
import { spawn } from "node:child_process";
import { join, relative } from "node:path";
import type { TestEvent } from "./events.ts";
import { type Tally, totals } from "./tally.ts";

export interface Phase {
  readonly name: string;
  readonly files: readonly string[];
  /** All files in one process, which is fast, or each in its own, two at a time. */
  readonly together: boolean;
}

export interface PhaseOptions {
  readonly root: string;
  readonly environment: NodeJS.ProcessEnv;
  readonly print: (line: string) => void;
}

const processesAtOnce = 2;

/** Runs the files, prints failures and skips as they come and one line at the end. */
export async function runPhase(phase: Phase, options: PhaseOptions): Promise<Tally> {
  const begin = performance.now();
  const queue = phase.together ? [phase.files] : phase.files.map((file) => [file]);
  const tallies: Tally[] = [];
  const work = async (): Promise<void> => {
    for (let files = queue.shift(); files !== undefined; files = queue.shift())
      tallies.push(await runProcess(files, options));
  };
  await Promise.all(Array.from({ length: processesAtOnce }, work));
  const tally = totals(tallies);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  options.print(`${tally.failed === 0 ? "ok  " : "FAIL"} ${phase.name.padEnd(8)} ${seconds} s, ${tally.passed} passed`);
  return tally;
}

async function runProcess(files: readonly string[], { root, environment, print }: PhaseOptions): Promise<Tally> {
  const tally: Tally = { passed: 0, failed: 0, skipped: 0 };
  let ended = false;
  const hear = (event: TestEvent): void => {
    if (event.kind === "end") {
      ended = true;
      return;
    }
    tally[event.kind] += 1;
    const place = relative(root, event.file);
    if (event.kind === "failed") print(`FAIL ${event.name} (${place})\n${event.why.replaceAll(/^/gm, "  ")}`);
    if (event.kind === "skipped") print(`skip ${event.name} (${place}): ${event.why}`);
  };
  const reporter = join(import.meta.dirname, "reporter.ts");
  const args = ["--disable-warning=ExperimentalWarning", "--test", "--test-isolation=none"];
  const code = await new Promise<number | NodeJS.Signals | null>((resolve, reject) => {
    const child = spawn(process.execPath, [...args, `--test-reporter=${reporter}`, ...files], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    // Whoever ends the run ends the tests with it.
    const stop = (): boolean => child.kill();
    process.once("exit", stop);
    child.on("message", (message) => hear(message as TestEvent));
    child.on("error", reject);
    child.on("close", (status, signal) => {
      process.off("exit", stop);
      resolve(signal ?? status);
    });
  });
  if (tally.failed === 0 && (code !== 0 || !ended)) {
    tally.failed += 1;
    const what = files.length === 1 ? files[0] : `${files.length} files`;
    print(`FAIL ${what}: the test process ended before its tests had, with ${String(code)}`);
  }
  return tally;
}

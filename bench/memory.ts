// Peak memory of an update, agent and helper process together, for a small and a large image (goal: below 150 MB for any).
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "./figure.ts";
import { measure } from "./measure.ts";
import type { ProcessPeak } from "./peak-memory.ts";
import { makeOwnCopy } from "./own-copy.ts";
import { benchFolder, checkout, makeStage } from "./stage.ts";

const goalBytes = 150e6;
const sizes: readonly (readonly [name: string, bytes: number])[] = [
  ["100 MB", 100e6],
  ["4 GB", 4e9],
];

export async function benchMemory(say: (line: string) => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  await using copy = await makeOwnCopy(checkout, join(benchFolder, "own-copy"));
  await warmUp(copy.launcher);
  for (const [name, bytes] of sizes) {
    const title = `peak memory, image of ${name}`;
    const goal = `< ${goalBytes / 1e6} MB`;
    await using stage = await makeStage("memory", bytes, true);
    const room = await statfs(benchFolder);
    if (room.bavail * room.bsize < bytes * 1.1) {
      figures.push({
        name: title,
        value: "not measured",
        goal,
        met: undefined,
        notes: [`The disk has no room for ${name}.`],
      });
      continue;
    }
    const machine = await stage.freshMachine();
    const run = await measure(copy.launcher, ["update", "--root", machine.root], { sampleMemory: true });
    if (run.exitCode !== 0) throw new Error(`holdfast update failed: ${run.output}`);
    const { memory } = run;
    if (memory === undefined) throw new Error("the memory was not sampled");
    say(`${name}: ${megabytes(memory.proportionalBytes)} in ${run.wallSeconds.toFixed(1)} s`);
    figures.push(
      {
        name: title,
        value: megabytes(memory.proportionalBytes),
        goal,
        met: memory.proportionalBytes < goalBytes,
        notes: [
          "What agent and child take from the machine together: pages that both map count once (PSS; they run from a copy of Node that nothing else maps).",
          `The update took ${run.wallSeconds.toFixed(1)} s.`,
        ],
      },
      {
        name: `${title}, sum of VmHWM`,
        value: megabytes(memory.peakBytes),
        goal,
        met: memory.peakBytes < goalBytes,
        notes: [
          "Counts the program itself twice, once for each process.",
          `The processes: ${memory.processes.filter(isLarge).map(describe).join("; ")}.`,
        ],
      },
    );
  }
  return figures;
}

/** The first update after an installation compiles what it runs; every later one finds it compiled. */
async function warmUp(launcher: string): Promise<void> {
  await using stage = await makeStage("warm", 1e6, true);
  const machine = await stage.freshMachine();
  const run = await measure(launcher, ["update", "--root", machine.root]);
  if (run.exitCode !== 0) throw new Error(`holdfast update failed: ${run.output}`);
}

function isLarge(process: ProcessPeak): boolean {
  return process.peakBytes > 20e6;
}

function describe({ name, peakBytes, anonymousBytes }: ProcessPeak): string {
  return `${name} ${megabytes(peakBytes)}, of which ${megabytes(anonymousBytes)} its own data`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

// Peak memory of an update, agent and helper process together, for a small and a large image (goal: below 150 MB for any).
import { statfs } from "node:fs/promises";
import type { Figure } from "./figure.ts";
import { measure } from "./measure.ts";
import type { ProcessPeak } from "./peak-memory.ts";
import { benchFolder, holdfast, makeStage } from "./stage.ts";

const goalBytes = 150e6;
const sizes: readonly (readonly [name: string, bytes: number])[] = [
  ["100 MB", 100e6],
  ["4 GB", 4e9],
];

export async function benchMemory(say: (line: string) => void): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
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
    const run = await measure(holdfast, ["update", "--root", machine.root], { sampleMemory: true });
    if (run.exitCode !== 0) throw new Error(`holdfast update failed: ${run.output}`);
    const { memory } = run;
    if (memory === undefined) throw new Error("the memory was not sampled");
    say(`${name}: ${megabytes(memory.peakBytes)} in ${run.wallSeconds.toFixed(1)} s`);
    figures.push({
      name: title,
      value: megabytes(memory.peakBytes),
      goal,
      met: memory.peakBytes < goalBytes,
      notes: [
        `Sum of VmHWM of processes that ran at the same time; took ${run.wallSeconds.toFixed(1)} s.`,
        `With shared pages divided among all that map them, the server and the bench too (PSS), the peak was ${megabytes(memory.proportionalBytes)}.`,
        `The processes: ${memory.processes.filter(isLarge).map(describe).join("; ")}.`,
      ],
    });
  }
  return figures;
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

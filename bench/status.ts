// `status` on a machine with four versions, in turns with a Node that does nothing (goal: below 150 ms).
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeMachine } from "../tools/lab/machine-tree.ts";
import { makeSmallRelease } from "../tools/lab/small-release.ts";
import { profileOf } from "./cpu-profile.ts";
import type { Figure } from "./figure.ts";
import { median, measure } from "./measure.ts";
import { benchFolder, holdfast } from "./stage.ts";

const goalMs = 150;

export async function benchStatus(runs: number, say: (line: string) => void): Promise<readonly Figure[]> {
  const folder = join(benchFolder, "status");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const versions = ["1", "2", "3", "4"].map((version) =>
    makeSmallRelease(join(folder, version), { version, imageBytes: 20e6, kernelBytes: 5e6 }),
  );
  const installed = await Promise.all(versions);
  const machine = await makeMachine(join(folder, "machine"), {
    source: "http://127.0.0.1:1/",
    installed,
    instancesMax: 4,
  });
  const args = ["status", "--root", machine.root];
  const ours: number[] = [];
  const ourCpu: number[] = [];
  const idle: number[] = [];
  for (let round = 0; round < runs; round++) {
    idle.push((await measure(process.execPath, ["-e", "0"])).wallSeconds * 1000);
    const run = await measure(holdfast, args);
    if (run.exitCode !== 0 && run.exitCode !== 7) throw new Error(`holdfast status failed: ${run.output}`);
    ours.push(run.wallSeconds * 1000);
    ourCpu.push(run.cpuSeconds * 1000);
  }
  const profile = await profileOf(holdfast, args);
  await rm(folder, { recursive: true, force: true });
  const [value, floor] = [median(ours), median(idle)];
  say(`median of ${runs}: ${value.toFixed(0)} ms, an idle Node ${floor.toFixed(0)} ms`);
  return [
    {
      name: "status, four versions",
      value: `${value.toFixed(0)} ms, ${(value / floor).toFixed(1)} times an idle Node`,
      goal: `< ${goalMs} ms`,
      met: value < goalMs,
      notes: [
        `Median of ${runs}, of CPU ${median(ourCpu).toFixed(0)} ms; \`node -e 0\` in turns with it took ${floor.toFixed(0)} ms.`,
        profile,
      ],
    },
  ];
}

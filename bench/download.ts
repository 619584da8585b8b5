// 500 MiB from a local server, against curl + sha256sum + sync, in turns on the same disk (goal: below 1.3 of their wall).
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Figure } from "./figure.ts";
import { median, measure, type Measured, type Timed } from "./measure.ts";
import { benchFolder, holdfast, makeStage, type Stage } from "./stage.ts";

const sizeBytes = 500 * 2 ** 20;
const goalRatio = 1.3;

export async function benchDownload(rounds: number, say: (line: string) => void): Promise<readonly Figure[]> {
  await using stage = await makeStage("download", sizeBytes, false);
  const baseline: Measured[] = [];
  const ours: Measured[] = [];
  for (let round = 1; round <= rounds; round++) {
    baseline.push(await runBaseline(stage));
    const machine = await stage.freshMachine();
    ours.push(await measure(holdfast, ["update", "--root", machine.root, "--progress-fd", "3"]));
    const [theirs, own] = [baseline.at(-1), ours.at(-1)];
    if (theirs?.exitCode !== 0) throw new Error(`curl failed: ${theirs?.output}`);
    if (own?.exitCode !== 0) throw new Error(`holdfast update failed: ${own?.output}`);
    say(
      `round ${round} of ${rounds}: curl and company ${theirs.wallSeconds.toFixed(2)} s, holdfast ${own.wallSeconds.toFixed(2)} s`,
    );
  }
  const readBack = median(ours.map((run) => sumOf(run.steps, isReadBack)));
  const theirWall = median(baseline.map((run) => run.wallSeconds));
  const wall = median(ours.map((run) => run.wallSeconds));
  const without = wall - readBack;
  const ratio = median(
    ours.map(
      (run, index) => (run.wallSeconds - sumOf(run.steps, isReadBack)) / (baseline[index]?.wallSeconds ?? Number.NaN),
    ),
  );
  const seconds = (value: number): string => `${value.toFixed(2)} s`;
  const cpu = (runs: readonly Measured[]): string => seconds(median(runs.map((run) => run.cpuSeconds)));
  return [
    {
      name: "500 MiB: curl + sha256sum + sync",
      value: `${seconds(theirWall)} (${cpu(baseline)} CPU)`,
      goal: "",
      met: undefined,
      notes: [],
    },
    {
      name: "500 MiB: update without read-back",
      value: `${seconds(without)}, ${ratio.toFixed(2)} of theirs`,
      goal: `< ${goalRatio} of theirs`,
      met: ratio < goalRatio,
      notes: [`Medians of ${rounds} rounds in turns; the ratio is the median of each round's own.`, profile(ours)],
    },
    { name: "500 MiB: read-back", value: seconds(readBack), goal: "shown apart", met: undefined, notes: [] },
    {
      name: "500 MiB: update, everything",
      value: `${seconds(wall)} (${cpu(ours)} CPU)`,
      goal: "",
      met: undefined,
      notes: [],
    },
  ];
}

async function runBaseline(stage: Stage): Promise<Measured> {
  const folder = join(benchFolder, "download/curl");
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const script = 'curl -sS -o "$1" "$2" && sha256sum "$1" && sync -f "$1"';
  return measure("sh", ["-c", script, "sh", join(folder, stage.image), `${stage.url}/${stage.image}`]);
}

/** Once a resource is flushed, its step of installation is a rename, and reading it back from the medium. */
function isReadBack(step: Timed): boolean {
  return /^(Install|Add the boot entry) /.test(step.title);
}

function sumOf(steps: readonly Timed[], wanted: (step: Timed) => boolean): number {
  return steps.filter(wanted).reduce((sum, step) => sum + step.seconds, 0);
}

/** Where the time went, by the program's own steps. */
function profile(runs: readonly Measured[]): string {
  const titles = runs[0]?.steps.map((step) => step.title) ?? [];
  const parts = titles.map((title) => {
    const seconds = median(runs.map((run) => sumOf(run.steps, (step) => step.title === title)));
    return `${title} ${seconds.toFixed(2)} s`;
  });
  return parts.length === 0 ? "" : `Profile by step: ${parts.join("; ")}.`;
}

// Plays one method: its publisher once, its client as often as asked, each measured from outside, the result compared.
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { measure, type Timed } from "../measure.ts";
import type { Command, Method, Place } from "./method.ts";
import { serve } from "./served.ts";

export interface Cost {
  readonly cpuSeconds: number;
  readonly wallSeconds: number;
}

export interface Published extends Cost {
  /** What the folder that is served grew by, without a copy of the image itself. */
  readonly storeBytes: number;
}

export interface Updated extends Cost {
  readonly bytes: number;
  readonly requests: number;
  /** Where it was sampled: sum of proportional sizes, and largest sum of high-water marks. */
  readonly memory: { readonly pssBytes: number; readonly peakRssBytes: number } | undefined;
  /** Of programs that tell their progress; empty of others. */
  readonly steps: readonly Timed[];
}

const execute = promisify(execFile);

/** Both releases; the cost is that of the newer one. */
export async function publish(method: Method, place: Place): Promise<Published> {
  for (const folder of [place.served, place.client]) await mkdir(folder, { recursive: true });
  await method.prepare?.(place);
  await runAll(method, method.publishOlder(place), false);
  const before = await sizeOf(place.served, method.payload);
  const { cost } = await runAll(method, method.publishNewer(place), false);
  return { ...cost, storeBytes: (await sizeOf(place.served, method.payload)) - before };
}

/** One update from the older to the newer. Throws when the result is another file than the newer image. */
export async function update(method: Method, place: Place, sampleMemory: boolean): Promise<Updated> {
  await using web = await serve(place.served);
  if (method.refresh === undefined) await rm(method.result(place), { force: true });
  else await method.refresh(place, web.url);
  // What earlier runs wrote is not written back on this one's time.
  await execute("sync", ["-f", place.client]);
  await web.traffic();
  const { cost, memory, steps } = await runAll(method, method.update(place, web.url), sampleMemory);
  const traffic = await web.traffic();
  await execute("cmp", [place.newer, method.result(place)]).catch((error: Error) => {
    throw new Error(`${method.title} made another image than the newer one: ${error.message}`);
  });
  return { ...cost, ...traffic, memory, steps };
}

async function runAll(
  method: Method,
  commands: readonly Command[],
  sampleMemory: boolean,
): Promise<{ readonly cost: Cost } & Pick<Updated, "memory" | "steps">> {
  const steps: Timed[] = [];
  let [cpuSeconds, wallSeconds, pssBytes, peakRssBytes] = [0, 0, 0, 0];
  for (const { program, args, environment = {} } of commands) {
    const run = await measure(program, args, { sampleMemory, environment });
    if (run.exitCode !== 0)
      throw new Error(
        `${method.title} failed with ${run.exitCode}: ${program} ${args.join(" ")}\n${run.output.slice(-2000)}`,
      );
    steps.push(...run.steps);
    cpuSeconds += run.cpuSeconds;
    wallSeconds += run.wallSeconds;
    pssBytes = Math.max(pssBytes, run.memory?.proportionalBytes ?? 0);
    peakRssBytes = Math.max(peakRssBytes, run.memory?.peakBytes ?? 0);
  }
  const memory = sampleMemory ? { pssBytes, peakRssBytes } : undefined;
  return { cost: { cpuSeconds, wallSeconds }, memory, steps };
}

async function sizeOf(folder: string, without: RegExp | undefined): Promise<number> {
  let sum = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile() && without?.test(entry.name) !== true)
      sum += (await stat(join(entry.parentPath, entry.name))).size;
  return sum;
}

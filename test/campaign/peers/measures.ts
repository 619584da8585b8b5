// What is measured of each updater: kills at moments, before its renames and flushes, while it removes, and Ctrl-C.
import { join } from "node:path";
import type { SeededRandom } from "../../../src/base/random.ts";
import { fileOf } from "../../../tools/lab/release.ts";
import { type Call, killBefore, traceCommand } from "../kills/interrupt.ts";
import type { Subject } from "./peer.ts";
import { newest, type PeerScene } from "./scene.ts";
import { afterwards, type Outcome, trial } from "./trial.ts";

export interface Counts {
  readonly runs: number;
  readonly broken: number;
  readonly fallbackLost: number;
  readonly completes: number;
  readonly vacuumHelps: number;
  readonly falseSuccess: number;
  /** How often the next update ended which way. */
  readonly ways: ReadonlyMap<string, number>;
}

export function count(outcomes: readonly Outcome[]): Counts {
  const which = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length;
  const ways = new Map<string, number>();
  for (const { how, completes } of outcomes) if (!completes) ways.set(how, (ways.get(how) ?? 0) + 1);
  return {
    runs: outcomes.length,
    broken: which(({ broken }) => broken),
    fallbackLost: which(({ fallbackLost }) => fallbackLost),
    completes: which(({ completes }) => completes),
    vacuumHelps: which(({ vacuumHelps }) => vacuumHelps),
    falseSuccess: which(({ falseSuccess }) => falseSuccess),
    ways,
  };
}

/** How long an update takes that nothing disturbs; the shortest of three. */
export async function undisturbedMs(scene: PeerScene, subject: Subject): Promise<number> {
  const times: number[] = [];
  for (let run = 0; run < 3; run++) {
    await scene.reset();
    const { code, ms, output } = await subject.run(scene.machine, ["update"]);
    const { broken, bootable } = await scene.audit();
    if (code !== 0 || broken.length > 0 || !bootable.includes(newest))
      throw new Error(`${subject.title}, undisturbed, ended with ${code}:\n${output}`);
    times.push(ms);
  }
  return Math.min(...times);
}

/** SIGKILL at so many moments of an update; moments that came too late are drawn again. */
export async function killAtMoments(
  scene: PeerScene,
  subject: Subject,
  runs: number,
  ms: number,
  random: SeededRandom,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let draws = 0; outcomes.length < runs && draws < runs * 8; draws++) {
    const kill = { afterMs: random.next() * ms, reach: random.chance(0.5) ? "process" : "group" } as const;
    const outcome = await trial(scene, subject, async () => subject.run(scene.machine, ["update"], kill));
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return outcomes;
}

/** SIGKILL right before every one of these system calls that the updater's own process makes on the machine's files. */
export async function killBeforeCalls(
  scene: PeerScene,
  subject: Subject,
  names: readonly string[],
  share: number,
): Promise<readonly Outcome[]> {
  // Holdfast's file system calls come from a thread; systemd-sysupdate has none.
  const reach = subject.name === "holdfast" ? "all" : "main";
  const log = join(scene.folder, "calls.log");
  await scene.reset();
  const command = subject.command(scene.machine, ["update"]);
  const { places } = await traceCommand(command, names, scene.machine.root, log, reach);
  const outcomes: Outcome[] = [];
  for (const call of some(places, share)) {
    const outcome = await trial(scene, subject, async () => killBefore(command, call, log, reach));
    if (outcome !== undefined) outcomes.push(outcome);
  }
  return outcomes;
}

function some(places: readonly Call[], share: number): readonly Call[] {
  const wanted = Math.min(places.length, Math.ceil(places.length * share));
  return Array.from({ length: wanted }, (_, at) => places[Math.floor((at * places.length) / wanted)] as Call);
}

export interface Interrupted {
  readonly outcomes: readonly Outcome[];
  /** Runs in which part of the image had surely come before. */
  readonly begun: number;
  /** Of them, those in which the rest alone was asked for. */
  readonly resumed: number;
}

/** What a server has sent may lie in buffers still, on both sides, and nobody can go on from there. */
const buffersBytes = 2 << 20;

/** Ctrl-C while the image comes in, evenly over its time, and the same command again. */
export async function interruptDownloads(scene: PeerScene, subject: Subject, runs: number): Promise<Interrupted> {
  const image = fileOf(scene.offered, "image");
  const path = `/${image.name}`;
  const outcomes: Outcome[] = [];
  let begun = 0;
  let resumed = 0;
  for (let run = 0; run < runs; run++) {
    await scene.reset();
    const before = scene.server.bytesSent(path);
    const wanted = before + (image.sizeBytes * (run + 0.5)) / runs;
    const stop = new AbortController();
    const ended = subject.run(scene.machine, ["update"], { signal: "SIGINT", reach: "group", when: stop.signal });
    const isDone = ended.then(() => true);
    while (scene.server.bytesSent(path) < wanted && !(await Promise.race([isDone, soon()])));
    stop.abort();
    await ended;
    const after = scene.server.bytesSent(path);
    outcomes.push(await afterwards(scene, subject));
    if (after - before < buffersBytes) continue;
    begun += 1;
    if (scene.server.bytesSent(path) - after < image.sizeBytes) resumed += 1;
  }
  return { outcomes, begun, resumed };
}

async function soon(): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(resolve, 2, false);
  });
}

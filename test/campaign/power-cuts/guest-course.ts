// Judges every disk that a power cut may leave of what a guest wrote: the ESP as the loader finds it and as fsck.fat leaves
// it, with the system's images beside it (P1, P2, P3, P5).
import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { SeededRandom } from "../../../src/base/random.ts";
import { machineDisk } from "../../../tools/lab/guest/machine-disk.ts";
import { sha256OfFile } from "../../../tools/lab/release.ts";
import { chooseCuts, epochsOf } from "./cuts.ts";
import { type EspView, judgeEsp } from "./esp-judge.ts";
import type { GuestRecording, GuestScene } from "./guest-recording.ts";
import { copySparse, Replay } from "./replay.ts";
import { type Problem, type Row, Tally } from "./tally.ts";
import { readWriteLog } from "./write-log.ts";

const run = promisify(execFile);

export interface GuestCourse {
  readonly scene: GuestScene;
  readonly recording: GuestRecording;
  readonly states: number;
  readonly seed: number;
  /** Keeps a disk for each class of ESP, so many at most, in this folder: for the next update in a guest. */
  readonly keep?: { readonly folder: string; readonly most: number };
}

export interface GuestVerdict {
  readonly row: Row;
  /** What the ESP looked like: how often each class was seen. */
  readonly classes: ReadonlyMap<string, number>;
  readonly kept: readonly { readonly image: string; readonly className: string }[];
}

/** Disks with a few megabytes in them each. */
const keptMax = 100;

/** FAT tears at a sector; ext4 as everywhere at a block. */
const pieceBytes = (offset: number): number => (offset < machineDisk.root.offset ? 512 : 4096);

export async function runGuestCourse(course: GuestCourse): Promise<GuestVerdict> {
  const { scene, recording } = course;
  const { base, log, operation } = recording;
  const epochs = await epochsOf(log, await readWriteLog(log, machineDisk.bytes), pieceBytes);
  const cuts = chooseCuts(epochs, course.states, new SeededRandom(course.seed));
  const work = join(scene.folder, `${operation.id}.work`);
  await mkdir(work, { recursive: true });
  const tally = new Tally();
  const classes = new Map<string, number>();
  const kept: { image: string; className: string }[] = [];
  const state = join(work, "state");
  await using replay = await Replay.open(base, log, epochs);
  for (const cut of cuts) {
    await replay.make(cut, state);
    const { problems, view, tree } = await judgeState(course, state, work);
    tally.add(cut.how, cut.isAtFlush, problems);
    if (view === undefined) continue;
    tally.isNewTree(`${view.className} ${tree}`);
    const count = classes.get(view.className) ?? 0;
    classes.set(view.className, count + 1);
    if (count > 0 || course.keep === undefined || kept.length >= keptMax) continue;
    await replay.make(cut, state);
    const image = join(course.keep.folder, `${operation.id}-${kept.length}`);
    await copySparse(state, image);
    kept.push({ image, className: view.className });
  }
  await rm(work, { recursive: true });
  const spread = spreadOver(kept, course.keep?.most ?? 0);
  for (const { image } of kept.filter((one) => !spread.includes(one))) await rm(image);
  const writes = epochs.reduce((sum, epoch) => sum + epoch.writes, 0);
  const facts = { updater: operation.updater, fileSystem: "FAT and ext4, in a guest", operation: operation.name };
  return { row: tally.row({ ...facts, writes, flushes: epochs.length - 1 }), classes, kept: spread };
}

/** So many at most, evenly from the first to the last: classes come in the order in which an update passes through them. */
function spreadOver<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items;
  const step = (items.length - 1) / Math.max(1, most - 1);
  return items.filter((_, index) => Array.from({ length: most }, (__, at) => Math.round(at * step)).includes(index));
}

interface StateVerdict {
  readonly problems: readonly Problem[];
  readonly view: EspView | undefined;
  /** Names the system's files and what is in them. */
  readonly tree: string;
}

async function judgeState({ scene, recording }: GuestCourse, image: string, work: string): Promise<StateVerdict> {
  const problems: Problem[] = [];
  const mounted = join(work, "mounted");
  await mkdir(mounted, { recursive: true });
  const { root, esp } = machineDisk;
  const mount = ["-t", "ext4", "-o", `loop,offset=${root.offset},sizelimit=${root.bytes}`, image, mounted];
  const failure = await run("mount", mount).then(
    () => undefined,
    (error: Error) => error.message.trim(),
  );
  if (failure !== undefined) return { problems: [{ kind: "mount", text: failure }], view: undefined, tree: "" };
  try {
    const system = join(mounted, "system");
    const releases = Object.values(scene.releases);
    const before = await judgeEsp(image, esp.offset, system, releases, work);
    judge(before, recording, "as found", problems);
    const findings = await repairFat(image);
    const repaired = await judgeEsp(image, esp.offset, system, releases, work);
    judge(repaired, recording, `after fsck.fat (${findings})`, problems);
    return { problems, view: before, tree: await nameOf(system) };
  } finally {
    await run("umount", [mounted]);
  }
}

function judge(view: EspView, { operation }: GuestRecording, when: string, problems: Problem[]): void {
  for (const text of view.broken) problems.push({ kind: "broken", text: `${when} ${text}` });
  for (const text of view.dead) problems.push({ kind: "dead", text: `${when} ${text}` });
  for (const version of operation.survives)
    if (!view.bootable.includes(version))
      problems.push({ kind: "wayBack", text: `${when} version ${version} does not boot` });
  if (view.next?.isWhole !== true)
    problems.push({ kind: "wayBack", text: `${when} the loader starts ${view.next?.fileName ?? "nothing"} next` });
}

/** What `fsck.fat -a` does, as it is done at boot and by Holdfast on an unmounted volume. */
async function repairFat(image: string): Promise<string> {
  const { offset, bytes } = machineDisk.esp;
  const loop = (
    await run("losetup", ["-f", "--show", "-o", String(offset), "--sizelimit", String(bytes), image])
  ).stdout.trim();
  try {
    // It ends with 1 when it found something.
    const { stdout } = await run("fsck.fat", ["-a", "-w", loop]).catch((error: { stdout: string }) => error);
    const lines = stdout.split("\n").slice(1, -2);
    return lines
      .map((line) => line.trim())
      .join(" ")
      .slice(0, 300);
  } finally {
    await run("losetup", ["-d", loop]);
  }
}

async function nameOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  for (const name of (await readdir(folder)).toSorted())
    hash.update(`${name} ${await sha256OfFile(join(folder, name)).catch((error: Error) => error.message)}\n`);
  return hash.digest("hex");
}

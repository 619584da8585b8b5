// One command of one updater on a file system of the host: its writes are recorded, and every disk that a power cut may
// leave of them is mounted, judged by the lab's own judge, and updated again (P1, P2, P3, P6).
import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { SeededRandom } from "../../../src/base/random.ts";
import { auditTree } from "../../../tools/lab/audit-tree.ts";
import { type LabMachine, machineAt, makeMachine } from "../../../tools/lab/machine-tree.ts";
import type { SigningKey } from "../../../tools/lab/signing.ts";
import { execute } from "../kills/execute.ts";
import { type FileSystem, LoopDisk } from "../kills/loop-disk.ts";
import type { Operation, Releases } from "../kills/operations.ts";
import { chooseCuts, epochsOf } from "./cuts.ts";
import { recordWrites } from "./recording.ts";
import { copySparse, Replay } from "./replay.ts";
import { type Problem, type Row, Tally } from "./tally.ts";
import { classOfTree, type Published, publishedFiles } from "./tree-class.ts";
import type { Updater } from "./updaters.ts";
import { readWriteLog } from "./write-log.ts";

export interface MachineCourse {
  readonly kind: FileSystem;
  readonly updater: Updater;
  readonly operation: Operation;
  /** For temporary files; a course leaves nothing there. */
  readonly folder: string;
  readonly source: string;
  readonly releases: Releases;
  readonly key: SigningKey;
  readonly states: number;
  readonly seed: number;
  /** Whether what it left must be taken up by the next command. */
  readonly finishes: boolean;
}

const diskBytes = 256 << 20;
/** These file systems need a block to be whole: torn inside, their super block is lost, whoever writes. */
const pieceBytes = 4096;

interface Ending {
  readonly files: readonly string[];
  readonly broken: readonly string[];
}

/** Records, replays, judges. */
export async function runMachineCourse(course: MachineCourse): Promise<Row> {
  await mkdir(course.folder, { recursive: true });
  const base = join(course.folder, "base");
  const log = join(course.folder, "log");
  const state = join(course.folder, "state");
  try {
    await makeBegin(course, base);
    const { begin, end } = await record(course, base, log);
    const epochs = await epochsOf(log, await readWriteLog(log, diskBytes), () => pieceBytes);
    const cuts = chooseCuts(epochs, course.states, new SeededRandom(course.seed));
    const tally = new Tally();
    const facts: Facts = { course, tally, begin, end, published: await publishedFiles(Object.values(course.releases)) };
    await using replay = await Replay.open(base, log, epochs);
    for (const cut of cuts) {
      await replay.make(cut, state);
      tally.add(cut.how, cut.isAtFlush, await judgeState(facts, state));
    }
    const writes = epochs.reduce((sum, epoch) => sum + epoch.writes, 0);
    const { updater, kind, operation } = course;
    const names = { updater: updater.title, fileSystem: kind, operation: operation.name };
    return tally.row({ ...names, writes, flushes: epochs.length - 1 });
  } finally {
    await rm(course.folder, { recursive: true, force: true });
  }
}

const rootOf = (folder: string): string => join(folder, "machine");

async function makeBegin(
  { kind, folder, source, releases, key, operation, updater }: MachineCourse,
  image: string,
): Promise<void> {
  await LoopDisk.format(kind, image, diskBytes);
  await using disk = await LoopDisk.mount(image, join(folder, "mounted"));
  const installed = operation.installed.map((version) => releases[version]);
  // systemd-sysupdate knows no chunk indexes that lie beside their image: it is measured without.
  const index = updater.name === "holdfast";
  const machine = await makeMachine(rootOf(disk.folder), { source, installed, keyring: key.publicKeyring, index });
  await operation.prepare?.(machine, releases);
}

/** Does the operation on a copy of `base`; tells what was there before and after. */
async function record(course: MachineCourse, base: string, log: string): Promise<{ begin: Ending; end: Ending }> {
  const image = join(course.folder, "recorded");
  await copySparse(base, image);
  const endings = await recordWrites(image, log, async (device) => {
    await using disk = await LoopDisk.mount(device, join(course.folder, "mounted"));
    const machine = machineAt(rootOf(disk.folder));
    const begin = await endingOf(course, machine);
    const { code, output } = await execute(course.updater.command(machine, course.operation.args));
    if (code !== 0) throw new Error(`${course.operation.name}, undisturbed, ended with ${code}:\n${output}`);
    return { begin, end: await endingOf(course, machine) };
  });
  await rm(image);
  return endings;
}

/** What states are judged by. */
interface Facts {
  readonly course: MachineCourse;
  readonly tally: Tally;
  readonly begin: Ending;
  readonly end: Ending;
  readonly published: readonly Published[];
}

async function judgeState({ course, tally, begin, end, published }: Facts, image: string): Promise<readonly Problem[]> {
  const problems: Problem[] = [];
  const mounted = await LoopDisk.mount(image, join(course.folder, "mounted")).catch((error: Error) => error);
  if (mounted instanceof Error) return [{ kind: "mount", text: mounted.message.trim() }];
  await using disk = mounted;
  const machine = machineAt(rootOf(disk.folder));
  await audit(course, machine, begin.broken, "right after", problems);
  const isNew = tally.isNewTree(await classOfTree(machine.root, published));
  if (!course.finishes || !isNew) return problems;
  tally.countNextRun();
  const { args, again = args } = course.operation;
  const commands = again[0] === "update" && again.length === 1 ? [again] : [["update"], again];
  for (const command of commands) {
    const { code, output } = await execute(course.updater.command(machine, command));
    if (code !== 0 && code !== 3)
      problems.push({ kind: "unfinished", text: `the next ${command.join(" ")} ended with ${code}: ${output}` });
    await audit(course, machine, begin.broken, `after the next ${command.join(" ")}`, problems);
  }
  const left = await endingOf(course, machine);
  const more = left.files.filter((name) => !end.files.includes(name));
  const less = end.files.filter((name) => !left.files.includes(name));
  if (more.length > 0) problems.push({ kind: "leftOver", text: `in the end there is also ${more.join(", ")}` });
  if (less.length > 0) problems.push({ kind: "unfinished", text: `in the end there is no ${less.join(", ")}` });
  const { broken } = await auditTree(machine, Object.values(course.releases));
  for (const entry of broken)
    problems.push({ kind: "broken", text: `in the end ${entry.fileName} is broken, ${entry.broken}` });
  return problems;
}

async function audit(
  { releases, operation }: MachineCourse,
  machine: LabMachine,
  allowed: readonly string[],
  when: string,
  problems: Problem[],
): Promise<void> {
  const { broken, bootable } = await auditTree(machine, Object.values(releases));
  for (const entry of broken)
    if (!allowed.includes(entry.fileName))
      problems.push({ kind: "broken", text: `${when} ${entry.fileName} is broken, ${entry.broken}` });
  for (const version of operation.survives)
    if (!bootable.includes(version))
      problems.push({ kind: "wayBack", text: `${when} version ${version} does not boot` });
}

async function endingOf(course: MachineCourse, machine: LabMachine): Promise<Ending> {
  const files = [...(await filesBelow(machine.system)), ...(await filesBelow(machine.esp))];
  const { broken } = await auditTree(machine, Object.values(course.releases));
  return {
    files: files.map((path) => relative(machine.root, path)).toSorted(),
    broken: broken.map(({ fileName }) => fileName),
  };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return found.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

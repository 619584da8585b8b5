// One operation on one file system: done once undisturbed, then interrupted again and again from the same beginning, and
// judged each time by the lab's own judge (P1, P2, P3, P6).
import { readdir, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { auditTree } from "../../../tools/lab/audit-tree.ts";
import { type LabMachine, machineAt, makeMachine } from "../../../tools/lab/machine-tree.ts";
import type { SigningKey } from "../../../tools/lab/signing.ts";
import type { Death } from "./execute.ts";
import { type Call, type Interruption, runAndKill, traceCalls } from "./interrupt.ts";
import { type FileSystem, LoopDisk } from "./loop-disk.ts";
import type { Operation, Releases } from "./operations.ts";

/** How far the operation had come, as the folders of the targets show. */
export type Stage = "untouched" | "staged" | "between" | "complete";
export const stages: readonly Stage[] = ["untouched", "staged", "between", "complete"];

export interface Lane {
  readonly kind: FileSystem;
  readonly folder: string;
  readonly releases: Releases;
  readonly key: SigningKey;
  readonly diskBytes: number;
}

export interface Verdict {
  readonly stage: Stage;
  /** The exit code of the command that was given next. */
  readonly nextCode: number | null;
  readonly problems: readonly string[];
}

/** What an operation changes, by name: files of targets and what of them is broken, and Holdfast's own state. */
interface Listing {
  readonly targets: readonly string[];
  readonly broken: readonly string[];
  readonly state: readonly string[];
}

export class Course {
  readonly operation: Operation;
  readonly lane: Lane;
  readonly ms: number;
  readonly #begin: string;
  readonly #start: Listing;
  readonly #end: Listing;

  private constructor(lane: Lane, operation: Operation, begin: string, facts: Facts) {
    this.lane = lane;
    this.operation = operation;
    this.#begin = begin;
    this.ms = facts.ms;
    this.#start = facts.start;
    this.#end = facts.end;
  }

  /** Makes the machine, or takes what an earlier course left, and does the operation once. */
  static async prepare(lane: Lane, operation: Operation, source: string, after?: string): Promise<Course> {
    const begin = join(lane.folder, `${operation.name}.begin`);
    if (after !== undefined) await LoopDisk.copy(after, begin);
    else await makeBegin(lane, operation, source, begin);
    const facts = await onCopy(lane, begin, endImage(lane, operation), async (machine) => {
      const start = await listingOf(lane, machine);
      const ended = await runAndKill(argsOn(machine, operation.args));
      if (ended.code !== 0)
        throw new Error(`${operation.name}, undisturbed, ended with ${ended.code}:\n${ended.output}`);
      return { ms: ended.ms, start, end: await listingOf(lane, machine) };
    });
    return new Course(lane, operation, begin, facts);
  }

  /** The machine's disk after the undisturbed run. */
  get endImage(): string {
    return endImage(this.lane, this.operation);
  }

  /** Which system calls it makes on the machine's files. */
  async calls(): Promise<readonly Call[]> {
    const log = join(this.lane.folder, "calls.log");
    return onCopy(this.lane, this.#begin, undefined, async (machine) =>
      traceCalls(argsOn(machine, this.operation.args), machine.root, log),
    );
  }

  /** `undefined`: it was done before it could be killed. */
  async kill(kill: Interruption): Promise<Verdict | undefined> {
    return onCopy(this.lane, this.#begin, undefined, async (machine) => {
      const death = await runAndKill(argsOn(machine, this.operation.args), kill);
      if (!death.killed) return undefined;
      const problems: string[] = [];
      const stage = this.#stageOf(await listingOf(this.lane, machine));
      await this.#judge(machine, "right after", this.#start.broken, problems);
      const next = await runAndKill(argsOn(machine, this.operation.again ?? this.operation.args));
      this.#judgeNext(next, stage, problems);
      await this.#judge(machine, "after the next run", [], problems);
      const left = await listingOf(this.lane, machine);
      compare("targets", left.targets, this.#end.targets, problems);
      compare("state", left.state, this.#end.state, problems);
      return { stage, nextCode: next.code, problems };
    });
  }

  #stageOf(now: Listing): Stage {
    if (isSame(now, this.#start)) return "untouched";
    if (isSame(now, this.#end)) return "complete";
    const visible = now.targets.filter((name) => !/\/\.[^/]*$/.test(name));
    return isSame({ ...now, targets: visible }, this.#start) ? "staged" : "between";
  }

  #judgeNext(next: Death, stage: Stage, problems: string[]): void {
    const fine = next.code === 0 || (next.code === 3 && stage === "complete");
    if (!fine) problems.push(`the next run ended with ${next.code}:\n${next.output}`);
  }

  async #judge(machine: LabMachine, when: string, allowed: readonly string[], problems: string[]): Promise<void> {
    const { broken, bootable, leftovers } = await auditTree(machine, all(this.lane));
    for (const entry of broken)
      if (!allowed.includes(entry.fileName)) problems.push(`${when}: ${entry.fileName} is broken, ${entry.broken}`);
    for (const version of this.operation.survives)
      if (!bootable.includes(version)) problems.push(`${when}: version ${version} does not boot`);
    if (when !== "right after" && leftovers.length > 0) problems.push(`${when}: left over: ${leftovers.join(", ")}`);
  }
}

interface Facts {
  readonly ms: number;
  readonly start: Listing;
  readonly end: Listing;
}

const all = ({ releases }: Lane): Releases[keyof Releases][] => Object.values(releases);
const argsOn = (machine: LabMachine, args: readonly string[]): readonly string[] => [...args, "--root", machine.root];
const endImage = (lane: Lane, { name }: Operation): string => join(lane.folder, `${name}.end`);
const rootOf = (disk: LoopDisk): string => join(disk.folder, "machine");

async function makeBegin(lane: Lane, operation: Operation, source: string, image: string): Promise<void> {
  await LoopDisk.format(lane.kind, image, lane.diskBytes);
  await using disk = await LoopDisk.mount(image, join(lane.folder, "mounted"));
  const installed = operation.installed.map((version) => lane.releases[version]);
  const keyring = lane.key.publicKeyring;
  const machine = await makeMachine(rootOf(disk), { source, installed, keyring, index: true });
  await operation.prepare?.(machine, lane.releases);
}

/** Works on a copy of the image; `keep` is where the copy goes afterwards. */
async function onCopy<T>(
  lane: Lane,
  image: string,
  keep: string | undefined,
  work: (machine: LabMachine) => Promise<T>,
): Promise<T> {
  const copy = join(lane.folder, "copy");
  await LoopDisk.copy(image, copy);
  let result: T;
  {
    await using disk = await LoopDisk.mount(copy, join(lane.folder, "mounted"));
    result = await work(machineAt(rootOf(disk)));
  }
  if (keep === undefined) await rm(copy);
  else await rename(copy, keep);
  return result;
}

function isSame(one: Listing, other: Listing): boolean {
  return isDeepStrictEqual([one.targets, one.broken], [other.targets, other.broken]);
}

async function listingOf(lane: Lane, machine: LabMachine): Promise<Listing> {
  const state = await namesBelow(machine.root, join(machine.root, "var/lib"));
  return {
    targets: [
      ...(await namesBelow(machine.root, machine.system)),
      ...(await namesBelow(machine.root, machine.esp)),
    ].toSorted(),
    broken: (await auditTree(machine, all(lane))).broken.map(({ fileName }) => fileName),
    // The lock's file is there or not, as SQLite likes; the journal is for people, and may lack what was cut off (P7).
    state: state.filter((name) => !/\/holdfast\/(lock|lock-journal|journal\.jsonl)$/.test(name)),
  };
}

async function namesBelow(root: string, folder: string): Promise<readonly string[]> {
  const found = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .toSorted();
}

function compare(what: string, found: readonly string[], wanted: readonly string[], problems: string[]): void {
  const more = found.filter((name) => !wanted.includes(name));
  const less = wanted.filter((name) => !found.includes(name));
  if (more.length > 0) problems.push(`${what}: more than after an undisturbed run: ${more.join(", ")}`);
  if (less.length > 0) problems.push(`${what}: less than after an undisturbed run: ${less.join(", ")}`);
}

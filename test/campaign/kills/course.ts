// One operation on one file system: done once undisturbed, then interrupted again and again from the same beginning, and
// judged each time by the lab's own judge (P1, P2, P3, P6).
import { readdir, rename, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { auditTree, type TreeAudit } from "../../../tools/lab/audit-tree.ts";
import { type LabMachine, machineAt, makeMachine } from "../../../tools/lab/machine-tree.ts";
import type { SigningKey } from "../../../tools/lab/signing.ts";
import { type Interruption, runAndKill, type Traced, traceCalls } from "./interrupt.ts";
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

/** What may be wrong after a kill: P1 and P2, P3, P6, and P6 again. */
export const problemKinds = ["broken", "wayBack", "unfinished", "leftOver", "held"] as const;
export interface Problem {
  readonly kind: (typeof problemKinds)[number];
  readonly text: string;
}

export interface Verdict {
  readonly stage: Stage;
  /** The exit code of the command that was given next. */
  readonly nextCode: number | null;
  readonly problems: readonly Problem[];
}

/** What an operation changes, by name: files of targets and what of them is broken, and Holdfast's own state. */
interface Listing {
  readonly audit: TreeAudit;
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
  async calls(): Promise<Traced> {
    return onCopy(this.lane, this.#begin, undefined, async (machine) =>
      traceCalls(argsOn(machine, this.operation.args), machine.root, this.#log),
    );
  }

  /**
   * What a person does next is the plain update, or first the same command again; both are done. `undefined`: the
   * operation was done before it could be killed.
   */
  async kill(kill: Interruption, next: "update first" | "again first"): Promise<Verdict | undefined> {
    return onCopy(this.lane, this.#begin, undefined, async (machine) => {
      const { args, again = args } = this.operation;
      const death = await runAndKill(argsOn(machine, args), kill, this.#log);
      if (!death.killed) return undefined;
      const problems: Problem[] = [];
      const found = await listingOf(this.lane, machine);
      const stage = this.#stageOf(found);
      this.#judge(found, "right after", this.#start.broken, problems);
      if (isUpdate(again)) {
        const code = await this.#next(machine, again, problems);
        await this.#judgeEnd(machine, "all", problems);
        return { stage, nextCode: code, problems };
      }
      const commands = next === "update first" ? [["update"], again] : [again, ["update"]];
      const first = await this.#next(machine, commands[0] ?? [], problems);
      if (next === "again first") await this.#judgeEnd(machine, "all", problems);
      else this.#judge(await listingOf(this.lane, machine), "after the next update", this.#start.broken, problems);
      await this.#next(machine, commands[1] ?? [], problems);
      // An update notes down more than the operation does: when it asked, and what it took for whole.
      if (next === "update first") await this.#judgeEnd(machine, "targets", problems);
      else this.#judge(await listingOf(this.lane, machine), "in the end", [], problems);
      return { stage, nextCode: first, problems };
    });
  }

  get #log(): string {
    return join(this.lane.folder, "calls.log");
  }

  #stageOf(now: Listing): Stage {
    if (isSame(now, this.#start)) return "untouched";
    if (isSame(now, this.#end)) return "complete";
    const visible = now.targets.filter((name) => !/\/\.[^/]*$/.test(name));
    return isSame({ ...now, targets: visible }, this.#start) ? "staged" : "between";
  }

  /** 0: done. 3: there is nothing newer, or nothing left to do. */
  async #next(machine: LabMachine, args: readonly string[], problems: Problem[]): Promise<number | null> {
    const { code, output } = await runAndKill(argsOn(machine, args));
    if (code !== 0 && code !== 3)
      problems.push({ kind: "unfinished", text: `the next ${args.join(" ")} ended with ${code}:\n${output}` });
    return code;
  }

  /** Nothing is broken, and what is there is what an undisturbed run leaves. */
  async #judgeEnd(machine: LabMachine, what: "all" | "targets", problems: Problem[]): Promise<void> {
    const left = await listingOf(this.lane, machine);
    this.#judge(left, "in the end", [], problems);
    compare("targets", left.targets, this.#end.targets, problems);
    if (what === "all") return compare("state", left.state, this.#end.state, problems);
    const staging = left.state.filter((name) => /\/\.[^/]*$|\.new$/.test(name));
    compare("state", staging, [], problems);
  }

  #judge({ audit }: Listing, when: string, allowed: readonly string[], problems: Problem[]): void {
    const { broken, bootable, leftovers } = audit;
    for (const entry of broken)
      if (!allowed.includes(entry.fileName))
        problems.push({ kind: "broken", text: `${when}: ${entry.fileName} is broken, ${entry.broken}` });
    for (const version of this.operation.survives)
      if (!bootable.includes(version))
        problems.push({ kind: "wayBack", text: `${when}: version ${version} does not boot` });
    if (when === "in the end" && leftovers.length > 0)
      problems.push({ kind: "leftOver", text: `${when}: left over: ${leftovers.join(", ")}` });
  }
}

interface Facts {
  readonly ms: number;
  readonly start: Listing;
  readonly end: Listing;
}

const isUpdate = (args: readonly string[]): boolean => args[0] === "update" && args.length === 1;
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
  const audit = await auditTree(machine, all(lane));
  const state = await namesBelow(machine.root, join(machine.root, "var/lib"));
  return {
    targets: [
      ...(await namesBelow(machine.root, machine.system)),
      ...(await namesBelow(machine.root, machine.esp)),
    ].toSorted(),
    audit,
    broken: audit.broken.map(({ fileName }) => fileName),
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

function compare(what: string, found: readonly string[], wanted: readonly string[], problems: Problem[]): void {
  const more = found.filter((name) => !wanted.includes(name));
  const less = wanted.filter((name) => !found.includes(name));
  const where = `${what}: than after an undisturbed run`;
  if (more.length > 0) problems.push({ kind: "leftOver", text: `${where} there is more: ${more.join(", ")}` });
  if (less.length > 0) problems.push({ kind: "unfinished", text: `${where} there is less: ${less.join(", ")}` });
}

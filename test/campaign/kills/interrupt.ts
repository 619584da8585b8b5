// Runs bin/holdfast and takes its life: at a moment, or, under strace, right before one of its system calls.
import { readFile, rm } from "node:fs/promises";
import { program } from "../../e2e/run.ts";
import { type Command, type Death, execute } from "./execute.ts";

/** A place right before a system call. strace counts for each thread and each system call, from 1. */
export interface Call {
  readonly name: string;
  /** Where threads or helpers reach the same count: only calls on this path count. */
  readonly path?: string;
  readonly number: number;
}

export interface Traced {
  /** Each is hit on its own. */
  readonly places: readonly Call[];
  /** Calls that no count tells from an earlier one, because a random name is all that sets them apart. */
  readonly hidden: number;
}

export type Interruption =
  | {
      readonly kind: "moment";
      readonly afterMs: number;
      /** The helpers die with it, or find out by themselves. */
      readonly reach: "process" | "group";
    }
  | { readonly kind: "call"; readonly call: Call };

/** What changes a file system. `writev` and `copy_file_range` of Node write pipes and nothing of ours. */
const calls = ["rename", "renameat2", "unlink", "unlinkat", "fsync", "fdatasync", "pwrite64", "write"] as const;

/** One thread for files, so that the count of a call says which one it is. */
const underStrace = { UV_THREADPOOL_SIZE: "1" };

/** Runs Holdfast to its end, or to the end that is set for it or for its helper. */
export async function runAndKill(args: readonly string[], kill?: Interruption, log = "/dev/null"): Promise<Death> {
  const command: Command = { argv: [program, ...args], env: {} };
  return kill?.kind === "call" ? killBefore(command, kill.call, log, "all") : execute(command, kill);
}

/** `all`: threads and helpers, too; `main`: the process alone that is started. */
export type Reach = "all" | "main";

/** Runs it under strace until the system call that is meant. */
export async function killBefore({ argv, env }: Command, call: Call, log: string, reach: Reach): Promise<Death> {
  const { name, number, path } = call;
  // Without --seccomp-bpf, under which strace does not count the calls of threads.
  const inject = ["-e", `trace=${name}`, "-e", `inject=${name}:signal=SIGKILL:when=${number}`];
  const only = path === undefined ? [] : ["-P", path];
  const strace = ["strace", ...(reach === "all" ? ["-f"] : []), "-qq", "-o", log, ...only, ...inject];
  const death = await execute({ argv: [...strace, ...argv], env: { ...env, ...underStrace } });
  const told = log === "/dev/null" ? "" : await readFile(log, "utf8");
  return { ...death, killed: death.killed || told.includes("+++ killed by SIGKILL +++") };
}

/** Runs Holdfast to its end and answers which system calls it made on files below this folder. */
export async function traceCalls(args: readonly string[], folder: string, log: string): Promise<Traced> {
  return traceCommand({ argv: [program, ...args], env: {} }, calls, folder, log, "all");
}

/** Runs it to its end and answers which of these system calls it made on files below this folder. */
export async function traceCommand(
  { argv, env }: Command,
  names: readonly string[],
  folder: string,
  log: string,
  reach: Reach,
): Promise<Traced> {
  const strace = ["strace", ...(reach === "all" ? ["-f", "--seccomp-bpf"] : []), "-y", "-qq", "-o", log];
  const command = { argv: [...strace, "-e", `trace=${names.join(",")}`, ...argv], env: { ...env, ...underStrace } };
  const { code, output } = await execute(command);
  const text = await readFile(log, "utf8");
  await rm(log);
  if (code !== 0) throw new Error(`${argv.join(" ")} under strace ended with ${code}:\n${output}`);
  return callsIn(text, folder);
}

/** The log of `strace -y`: `NAME(ARGUMENTS...`, with `-f` after a process id. */
export function callsIn(log: string, folder: string): Traced {
  const counts = new Map<string, number>();
  const count = (...key: readonly string[]): number => {
    const number = (counts.get(key.join(" ")) ?? 0) + 1;
    counts.set(key.join(" "), number);
    return number;
  };
  const places: Call[] = [];
  // The first thread to reach a count is the one that dies there.
  const taken = new Set<string>();
  const take = (...key: readonly (string | number)[]): boolean => {
    const isFree = !taken.has(key.join(" "));
    taken.add(key.join(" "));
    return isFree;
  };
  let hidden = 0;
  for (const line of log.split("\n")) {
    const [, thread = "", name = "", rest = ""] = /^(?:(\d+) +)?(\w+)\((.*)/.exec(line) ?? [];
    if (name === "") continue;
    // Arguments quote data: a path counts in the first one, which no data comes before.
    const path = /^(?:\d+<|(?:AT_FDCWD(?:<[^>]*>)?, )?")([^">]*)[">]/.exec(rest)?.[1] ?? "";
    const number = count(thread, name);
    const onPath = count(thread, name, path);
    const isFirst = take(name, number);
    const isFirstOnPath = take(name, path, onPath);
    if (!path.startsWith(`${folder}/`)) continue;
    if (isFirst) places.push({ name, number });
    else if (isFirstOnPath && !randomName.test(path)) places.push({ name, path, number: onPath });
    else hidden += 1;
  }
  return { places, hidden };
}

/** A staging name of the state folder is another one in each run. */
const randomName = /\.[0-9a-f]{12}$/;

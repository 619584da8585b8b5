// Runs bin/holdfast and takes its life: at a moment, or, under strace, right before one of its system calls.
import { readFile, rm } from "node:fs/promises";
import { program } from "../../e2e/run.ts";
import { type Death, execute } from "./execute.ts";

export interface Call {
  readonly name: string;
  /** Counts from 1, as strace counts: for each thread and each system call. */
  readonly number: number;
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

/** Runs it to its end, or to the end that is set for it. */
export async function runAndKill(args: readonly string[], kill?: Interruption): Promise<Death> {
  if (kill?.kind !== "call") return execute({ argv: [program, ...args], env: {} }, kill);
  const { name, number } = kill.call;
  // Without --seccomp-bpf, under which strace 6.1 does not count the calls of threads.
  const inject = ["-e", `trace=${name}`, "-e", `inject=${name}:signal=SIGKILL:when=${number}`];
  const argv = ["strace", "-f", "-qq", "-o", "/dev/null", ...inject, program, ...args];
  return execute({ argv, env: underStrace });
}

/** Runs it to its end and answers which system calls it made on files below this folder. */
export async function traceCalls(args: readonly string[], folder: string, log: string): Promise<readonly Call[]> {
  const trace = ["strace", "-f", "-y", "-qq", "--seccomp-bpf", "-o", log, "-e", `trace=${calls.join(",")}`];
  const { code, output } = await execute({ argv: [...trace, program, ...args], env: underStrace });
  const text = await readFile(log, "utf8");
  await rm(log);
  if (code !== 0) throw new Error(`holdfast ${args.join(" ")} under strace ended with ${code}:\n${output}`);
  return callsIn(text, folder);
}

/** The log of `strace -f -y`: `PID NAME(ARGUMENTS...`. The same count of two threads is one place to kill at. */
export function callsIn(log: string, folder: string): readonly Call[] {
  const counts = new Map<string, number>();
  const found = new Map<string, Call>();
  for (const line of log.split("\n")) {
    const [, thread = "", name = "", rest = ""] = /^(\d+) +(\w+)\((.*)/.exec(line) ?? [];
    if (name === "") continue;
    const number = (counts.get(`${thread} ${name}`) ?? 0) + 1;
    counts.set(`${thread} ${name}`, number);
    // Arguments quote data: a path counts in the first two, which no data comes before.
    if (
      rest.startsWith(`"${folder}/`) ||
      (/^\d+</.test(rest) && rest.slice(rest.indexOf("<") + 1).startsWith(`${folder}/`))
    )
      found.set(`${name} ${number}`, { name, number });
  }
  return [...found.values()];
}

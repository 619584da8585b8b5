// Starts a child that may do nothing but compute (and, where it must, reach the network): as nobody, without
// capabilities or any way to gain them, with Node's permission model on top. It dies with its control pipe.
import { spawn, type ChildProcess } from "node:child_process";
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";
import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import { assert } from "../../base/assert.ts";
import { systemFolders } from "../process/run-program.ts";

/** The kernel's overflow ids, called nobody and nogroup or nobody everywhere. */
export const nobody = 65534;

/** First argument of the single executable where it is to be a confined child. */
export const workerWord = "confined-worker";

/** Each read of a stream takes a new buffer, and the young generation is when they are freed: a small one is often full. */
const smallHeap = ["--max-semi-space-size=1"];

export interface LaunchOptions {
  /** Root drops its privileges; anyone else has none to drop. */
  readonly isRoot: boolean;
}

/**
 * Whether this user namespace has a nobody to become, from the text of /proc/self/uid_map. In one that maps a single id
 * (a rootless container) root is the unprivileged user who made it, so there is nothing to give up.
 */
export function hasNobody(uidMap: string): boolean {
  return uidMap.split("\n").some((line) => {
    const [inside, , count] = line.trim().split(/\s+/).map(Number);
    return inside !== undefined && count !== undefined && inside <= nobody && nobody < inside + count;
  });
}

function becomesNobody({ isRoot }: LaunchOptions): boolean {
  if (!isRoot) return false;
  try {
    return hasNobody(readFileSync("/proc/self/uid_map", "utf8"));
  } catch {
    return true; // without /proc there are no user namespaces either, and giving up too much only fails
  }
}

export type WorkerTask = "http" | "gz" | "zst" | "untar" | "rebuild";

/** Where a program is, in the system's own folders. */
function findProgram(name: string): string | undefined {
  return systemFolders
    .split(":")
    .map((folder) => `${folder}/${name}`)
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Sources and packages are all that the confined Node of a checkout may read. */
function checkoutWorker(options: readonly string[]): readonly string[] {
  const path = (from: string): string => fileURLToPath(new URL(from, import.meta.url));
  const readable = ["../../../src", "../../../node_modules", "../../../package.json"].map(path);
  return [process.execPath, ...options, ...readable.map((file) => `--allow-fs-read=${file}`), path("start-worker.ts")];
}

/**
 * The single executable has all its sources in it, so its child may read nothing. It is started from memory, so to say:
 * the file that we run may have been replaced by a newer one meanwhile, or removed.
 */
function singleWorker(options: readonly string[], becomes: boolean): readonly string[] {
  const running = `/proc/${process.pid}/exe`;
  // Where we become setpriv on the way, that name leads to setpriv.
  const file = !becomes && existsSync(running) ? running : process.execPath;
  return [file, `--node-options=${options.join(" ")}`, workerWord];
}

/** glibc: blocks of megabytes that come and go stay with us, or each of their pages is a fault of its own every time. */
const largeBlocks = { MALLOC_MMAP_THRESHOLD_: `${64 << 20}`, MALLOC_TRIM_THRESHOLD_: `${64 << 20}` } as const;

interface WorkerCommand {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** What a Node of our own kind that runs one task of worker.ts is started with, or what this process becomes. */
function workerCommand(task: WorkerTask, options: LaunchOptions, becomes: boolean): WorkerCommand {
  const single = isSea();
  const cacheFolder = single ? undefined : getCompileCacheDir();
  // Node keeps compiled sources in a folder of its version below the one that it was told.
  const cache = cacheFolder === undefined ? undefined : dirname(cacheFolder);
  const nodeOptions = [
    ...smallHeap,
    "--permission",
    // Without it every start would compile anew, in more time and memory. Given up by the worker with all else.
    ...(cache === undefined ? [] : [`--allow-fs-read=${cache}`, `--allow-fs-write=${cache}`]),
    ...(task === "http" ? ["--allow-net"] : []),
    "--disable-warning=SecurityWarning",
  ];
  const identity = becomesNobody(options) ? "nobody" : "same";
  const node = [...(single ? singleWorker(nodeOptions, becomes) : checkoutWorker(nodeOptions)), task, identity];
  // The worker changes to nobody by itself once its sources are read: they may lie where nobody cannot look.
  const setpriv = identity === "nobody" ? findProgram("setpriv") : undefined;
  const confined =
    setpriv === undefined
      ? node
      : [setpriv, "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all,+setuid,+setgid", "--", ...node];
  return {
    words: confined,
    environment: {
      ...(cache === undefined ? {} : { NODE_COMPILE_CACHE: cache }),
      ...(task === "rebuild" ? largeBlocks : {}),
    },
  };
}

/** A child that runs one task of worker.ts. */
export function launchWorker(task: WorkerTask, options: LaunchOptions): ChildProcess {
  const { words, environment } = workerCommand(task, options, false);
  return start(words, {}, environment);
}

/** This process becomes one: whoever started it holds the other end of its standard input and output. */
export function becomeWorker(task: WorkerTask, options: LaunchOptions): never {
  const { words, environment } = workerCommand(task, options, true);
  assert(process.execve !== undefined, "there is execve(2) wherever Holdfast runs");
  return process.execve(words[0] ?? "", words, { ...childEnvironment, ...environment });
}

/** A decompressor of the system, reading standard input and writing standard output. */
export function launchProgram(program: string, args: readonly string[], options: LaunchOptions): ChildProcess {
  const file = findProgram(program) ?? program;
  const setpriv = becomesNobody(options) ? findProgram("setpriv") : undefined;
  if (setpriv === undefined) return start([file, ...args], becomesNobody(options) ? { uid: nobody, gid: nobody } : {});
  const drop = [
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    "--clear-groups",
    "--no-new-privs",
    "--inh-caps=-all",
    "--bounding-set=-all",
  ];
  return start([setpriv, ...drop, "--", file, ...args], {});
}

/** glibc: one heap for all threads, or each keeps what it freed for itself. */
const childEnvironment = { PATH: systemFolders, LC_ALL: "C", MALLOC_ARENA_MAX: "1" } as const;

/** In a process group of its own, so that Ctrl-C reaches only us and we end the child in our own order. */
function start(
  [program, ...args]: readonly string[],
  ids: { readonly uid?: number; readonly gid?: number },
  environment: Readonly<Record<string, string>> = {},
): ChildProcess {
  return spawn(program ?? "", args, {
    ...ids,
    cwd: "/",
    env: { ...childEnvironment, ...environment },
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
}

// Runs one program of the system to its end: no shell, C locale, output and time bounded.
import { spawn } from "node:child_process";
import { constants } from "node:os";
import { Fault } from "../../base/fault.ts";
import type { RunResult } from "../../port/process.ts";

/** Bytes of each output stream that are kept; what comes after is read and dropped. */
const outputBytesMax = 1024 * 1024;
const timeoutMsDefault = 120_000;

/** sfdisk, fsck.fat and their kin live where a user's PATH does not look. */
export const systemFolders = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface RunOptions {
  readonly stdin?: string;
  readonly timeoutMs?: number;
  /** PATH to look in before the system's folders. */
  readonly path?: string | undefined;
  /** What it needs to know besides. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The environment of every program we start: nothing of ours but where to look for programs. */
function programEnvironment(path: string | undefined): Record<string, string> {
  return { PATH: path === undefined ? systemFolders : `${path}:${systemFolders}`, LC_ALL: "C" };
}

export function missingTool(program: string, cause?: unknown): Fault<"tool-missing"> {
  return new Fault("tool-missing", `Cannot run ${program}: it is not installed, or not for this user`, {
    hint: `Install the package that has ${program}.`,
    cause,
  });
}

/** Keeps the first `outputBytesMax` bytes of a stream. */
function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let room = outputBytesMax;
  stream.on("data", (chunk: Buffer) => {
    if (room > 0) chunks.push(chunk.subarray(0, room));
    room -= chunk.length;
  });
  return () => Buffer.concat(chunks).toString("utf8");
}

/** Faults: `tool-missing`, `timed-out`, `no-permission`. An exit by a signal is 128 and its number, as shells count. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<RunResult> {
  const timeoutMs = options.timeoutMs ?? timeoutMsDefault;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: "/",
      env: { ...options.env, ...programEnvironment(options.path) },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const stdout = collect(child.stdout);
    const stderr = collect(child.stderr);
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    // A program that does not read its input closes the pipe; its exit code tells what it thought of it.
    child.stdin.on("error", () => undefined);
    child.stdin.end(options.stdin ?? "");
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      // EACCES without a path: a folder of PATH that we may not enter, and no such program in the others (execvp(3)).
      if (error.code === "ENOENT" || (error.code === "EACCES" && !program.includes("/")))
        reject(missingTool(program, error));
      else
        reject(new Fault("no-permission", `Cannot run ${program}: ${error.code ?? error.message}`, { cause: error }));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (late) {
        reject(
          new Fault("timed-out", `Cannot wait for ${program}: no end after ${Math.round(timeoutMs / 1000)} seconds`, {
            retriable: true,
          }),
        );
      } else {
        resolve({
          exitCode: code ?? 128 + (signal === null ? 0 : constants.signals[signal]),
          stdout: stdout(),
          stderr: stderr(),
        });
      }
    });
  });
}

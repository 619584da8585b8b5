// Runs one building program to its end: no shell, C locale, and nothing of our environment but where programs are.
import { execFile } from "node:child_process";
import { Fault } from "../../base/fault.ts";
import { systemFolders } from "../process/run-program.ts";

export interface RunToolOptions {
  /** A folder to look for programs in before those of the system. */
  readonly path?: string;
  readonly signal: AbortSignal;
  readonly env: Readonly<Record<string, string>>;
}

/** Fault codes: `tool-missing`, `tool-failed` with its last words. An abort is thrown as it is. */
export async function runTool(program: string, args: readonly string[], options: RunToolOptions): Promise<string> {
  const path = options.path === undefined ? systemFolders : `${options.path}:${systemFolders}`;
  const env = { LC_ALL: "C.UTF-8", TZ: "UTC", ...options.env, PATH: path };
  options.signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    execFile(program, args, { env, signal: options.signal, maxBuffer: 1 << 26, cwd: "/" }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      if (options.signal.aborted) return reject(options.signal.reason as Error);
      const name = program.slice(program.lastIndexOf("/") + 1);
      if (error.code === "ENOENT")
        return reject(new Fault("tool-missing", `Cannot run ${name}: it is not on this machine`, { cause: error }));
      const lines = stderr.trim().split("\n");
      const words = (lines.find((line) => /error|cannot|fail/i.test(line)) ?? lines.at(-1) ?? "").trim().slice(0, 300);
      const state = words === "" ? `it ended with ${error.code ?? error.signal ?? "an error"}` : words;
      const who = name === "unshare" ? "" : `${name} says: `;
      reject(new Fault("tool-failed", `Cannot build the image: ${who}${state}`, { cause: error }));
    });
  });
}

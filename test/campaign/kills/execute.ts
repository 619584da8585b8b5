// Runs a program and, where wanted, takes its life at a moment.
import { spawn } from "node:child_process";

export interface Command {
  readonly argv: readonly string[];
  /** On top of PATH and a plain locale. */
  readonly env: Readonly<Record<string, string>>;
}

export interface Kill {
  readonly afterMs?: number;
  /** Instead of a time: as soon as this is aborted. */
  readonly when?: AbortSignal;
  /** The helpers die with it, or find out by themselves. */
  readonly reach: "process" | "group";
  /** Default SIGKILL; SIGINT is Ctrl-C. */
  readonly signal?: "SIGKILL" | "SIGINT";
}

export interface Death {
  readonly killed: boolean;
  readonly code: number | null;
  readonly output: string;
  readonly ms: number;
}

const secondsMax = 120;

/** Throws when it does not end within two minutes. */
export async function execute({ argv, env }: Command, kill?: Kill): Promise<Death> {
  const begin = performance.now();
  const child = spawn(argv[0] ?? "", argv.slice(1), {
    cwd: "/",
    env: { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => (output += text));
  let hangs = false;
  const send = (signal: NodeJS.Signals, reach: Kill["reach"]): void => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(reach === "group" ? -child.pid : child.pid, signal);
  };
  const atExit = (): void => send("SIGKILL", "group");
  process.once("exit", atExit);
  const limit = setTimeout(() => {
    hangs = true;
    send("SIGKILL", "group");
  }, secondsMax * 1000);
  const end = (): void => {
    if (kill !== undefined) send(kill.signal ?? "SIGKILL", kill.reach);
  };
  const moment = kill?.afterMs === undefined ? undefined : setTimeout(end, kill.afterMs);
  kill?.when?.addEventListener("abort", end);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    // Not "close": who inherited the pipes may live on, and the next command begins at once.
    child.once("error", reject).once("exit", (status, by) => resolve([status, by]));
  });
  process.off("exit", atExit);
  clearTimeout(limit);
  clearTimeout(moment);
  kill?.when?.removeEventListener("abort", end);
  if (hangs) throw new Error(`${argv.join(" ")} hangs:\n${output}`);
  return { killed: signal !== null, code, output, ms: performance.now() - begin };
}

// The confined child itself: reads its sources, gives up every privilege, and only then listens to what it is to do.
// It talks in frames on standard input and output, and ends when its input closes, so it never outlives its parent.
import { once } from "node:events";
import { flushCompileCache } from "node:module";
import { Socket } from "node:net";
import { Fault } from "../../base/fault.ts";
import { frameHead, FrameReader, messageFrame, parseMessage, type Frame } from "./frame.ts";
import { nobody } from "./launch.ts";

/** What a task sees of its parent. */
export interface WorkerPort {
  /** The next frame; waits for it. */
  next(): Promise<Frame>;
  message(): Promise<Record<string, unknown>>;
  say(value: unknown): Promise<void>;
  data(bytes: Uint8Array): Promise<void>;
  end(): Promise<void>;
  /** Resolves once all that was said has left this process: its bytes may be others then. */
  flushed(): Promise<void>;
  fault(fault: Fault): Promise<void>;
}

/** Runs until the parent closes the pipe. A Fault that it throws is reported and ends it. */
export type WorkerMain = (port: WorkerPort) => Promise<void>;

const tasks: Readonly<Record<string, () => Promise<{ readonly main: WorkerMain }>>> = {
  http: () => import("../http/http-worker.ts"),
  gz: () => import("../decoder/gz-worker.ts"),
  zst: () => import("../decoder/zst-worker.ts"),
  untar: () => import("../decoder/untar-worker.ts"),
  rebuild: () => import("../rebuilder/rebuild-worker.ts"),
};

function dropPrivileges(identity: string): void {
  if (process.getuid?.() !== 0 || identity === "same") return;
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
  if (process.getuid() === 0 || process.geteuid?.() === 0) throw new Error("still root");
}

/** Not process.stdin and stdout: those block on a pipe, and a timer that fires late would be a false time-out. */
function openPort(): WorkerPort {
  const input = new Socket({ fd: 0, readable: true, writable: false });
  const output = new Socket({ fd: 1, readable: false, writable: true });
  const reader = new FrameReader();
  const frames: Frame[] = [];
  let wake: (() => void) | undefined;
  input.on("data", (chunk: Uint8Array) => {
    frames.push(...reader.read(chunk));
    if (frames.length > 64) input.pause();
    wake?.();
  });
  const leave = (): never => process.exit(0);
  input.on("end", leave);
  input.on("error", leave);
  output.on("error", leave);
  const write = async (...chunks: readonly Uint8Array[]): Promise<void> => {
    output.cork();
    let room = true;
    for (const chunk of chunks) room = output.write(chunk);
    output.uncork();
    if (!room) await once(output, "drain");
  };
  const port: WorkerPort = {
    async next() {
      while (frames.length === 0) {
        if (input.isPaused()) input.resume();
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return frames.shift() as Frame;
    },
    message: async () => parseMessage((await port.next()).bytes),
    say: (value) => write(...messageFrame("message", value)),
    data: (bytes) => write(frameHead("data", bytes.length), bytes),
    end: () => write(frameHead("end", 0)),
    flushed: () => new Promise((resolve) => void output.write(new Uint8Array(0), () => resolve())),
    fault: ({ code, message, hint, retriable }) => write(...messageFrame("fault", { code, message, hint, retriable })),
  };
  return port;
}

/** Runs a task to its end. `identity`: whom to become first, "nobody" or "same". */
export async function work(name: string, identity: string): Promise<void> {
  const task = tasks[name];
  if (task === undefined) throw new Error("no such task");
  // Without Node's permission model this would be no confined child: nobody but our own parent is to start one.
  if (!("permission" in process)) throw new Error("not confined");
  const { main } = await task();
  // Everything is loaded: from here on there is nothing to read, and nothing to write.
  flushCompileCache();
  dropPrivileges(identity);
  process.permission.drop("fs.read");
  process.permission.drop("fs.write");
  const port = openPort();
  try {
    await main(port);
  } catch (error) {
    const fault =
      error instanceof Fault
        ? error
        : new Fault("worker-failed", `Cannot go on in the confined child: ${String(error)}`);
    await port.fault(fault);
  }
}

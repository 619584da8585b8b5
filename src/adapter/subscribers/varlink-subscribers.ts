// The Subscribers port as systemd 262 has it: io.systemd.SysUpdate.Notify.OnCompletedUpdate is called over Varlink on
// every socket in one folder, on all at once, and no longer waited for than is good.
import { readdir, stat } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import type { CompletedUpdate, Subscribers } from "../../port/subscribers.ts";
import { messageBytes, MessageReader } from "../../varlink/message.ts";

const notifyFolder = "/run/systemd/sysupdate/notify";
const method = "io.systemd.SysUpdate.Notify.OnCompletedUpdate";
const listenersMax = 64;
/** Merging extensions anew takes seconds. */
const patienceMs = 30_000;

export interface SubscriberOptions {
  readonly folder?: string;
  readonly patienceMs?: number;
}

/** For the tree of a machine that is switched off: nobody listens there. */
export const noSubscribers: Subscribers = { tell: async () => [] };

export function varlinkSubscribers(options: SubscriberOptions = {}): Subscribers {
  const folder = options.folder ?? notifyFolder;
  return {
    async tell(update: CompletedUpdate | undefined) {
      const names = await readdir(folder).catch(() => []);
      const message = messageBytes(update === undefined ? { method } : { method, parameters: update });
      const signal = AbortSignal.timeout(options.patienceMs ?? patienceMs);
      const told = names
        .toSorted((a, b) => (a < b ? -1 : 1))
        .slice(0, listenersMax)
        .map(async (name) => {
          if ((await stat(join(folder, name)).catch(() => undefined))?.isSocket() !== true) return undefined;
          const problem = await call(join(folder, name), message, signal);
          return problem === undefined ? undefined : `Cannot tell ${JSON.stringify(name)} of the update: ${problem}`;
        });
      return (await Promise.all(told)).filter((problem) => problem !== undefined);
    },
  };
}

/** One call on one socket; what went wrong, if anything did. */
function call(path: string, message: Uint8Array, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    const reader = new MessageReader();
    const done = (problem: string | undefined): void => {
      socket.destroy();
      signal.removeEventListener("abort", late);
      resolve(problem);
    };
    const late = (): void => done("it did not answer in time");
    signal.addEventListener("abort", late);
    socket.on("error", (error) => done(error.message));
    socket.on("close", () => done("it closed the connection without an answer"));
    socket.on("data", (bytes: Buffer) => {
      try {
        const [reply] = reader.push(bytes);
        if (reply !== undefined) done(errorOf(reply));
      } catch (error) {
        done(error instanceof Error ? error.message : String(error));
      }
    });
    socket.write(message);
    if (signal.aborted) late();
  });
}

function errorOf(reply: string): string | undefined {
  const value: unknown = JSON.parse(reply);
  if (typeof value !== "object" || value === null) return "its answer is no Varlink";
  return "error" in value ? `it says ${JSON.stringify(value.error).slice(0, 200)}` : undefined;
}

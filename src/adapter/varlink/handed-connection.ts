// The connection that systemd accepted and handed to this process (sd_listen_fds: LISTEN_FDS, LISTEN_PID; Accept=yes).
import { readFileSync } from "node:fs";
import { Socket } from "node:net";
import { callerOfControlGroup, callerOfInstance, type Origin } from "../../varlink/caller.ts";
import type { Connection } from "../../varlink/serve.ts";

/** The first descriptor that is handed over, always. */
const handedFd = 3;

type Environment = Readonly<Partial<Record<string, string>>>;

/** Whether one connection, and nothing else, was handed to this very process, as one that speaks Varlink. */
export function isHandedConnection(environment: Environment, pid: number): boolean {
  const { LISTEN_FDS: count, LISTEN_PID: owner, LISTEN_FDNAMES: names } = environment;
  return count === "1" && owner === String(pid) && (names === undefined || names === "varlink");
}

/** `instance`: of the unit, as it hands it over; otherwise it is looked for where systemd put this process. */
export function originOf(instance: string | undefined): Origin {
  const caller = instance === undefined ? callerOfControlGroup(ownControlGroup()) : callerOfInstance(instance);
  return caller === undefined ? { kind: "self" } : { kind: "peer", caller };
}

function ownControlGroup(): string {
  try {
    return readFileSync("/proc/self/cgroup", "utf8");
  } catch {
    return "";
  }
}

/** The handed connection; disposing closes it, once what was sent has left or nobody takes it any more. */
export function handedConnection(fd: number = handedFd): Connection & AsyncDisposable {
  return socketConnection(new Socket({ fd, readable: true, writable: true, allowHalfOpen: true }));
}

/** How long the last reply may take to leave. */
const lingerMs = 5000;

export function socketConnection(socket: Socket): Connection & AsyncDisposable {
  // Who is gone is seen where nothing comes in any more.
  socket.on("error", () => undefined);
  return {
    incoming: incomingOf(socket),
    unsentBytes: () => socket.writableLength,
    send: (bytes) => {
      if (socket.writable) socket.write(bytes);
    },
    async [Symbol.asyncDispose]() {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, lingerMs);
        socket.once("close", resolve);
        socket.end(() => {
          clearTimeout(timer);
          resolve();
        });
      });
      socket.destroy();
    },
  };
}

async function* incomingOf(socket: Socket): AsyncGenerator<Uint8Array> {
  try {
    for await (const bytes of socket.iterator({ destroyOnReturn: false })) yield bytes as Buffer;
  } catch {
    // Gone, in whatever way.
  }
}

// Which faults fit a call of a port: everything a disk, a volume, a line or a server does wrong at that place (issue 3).
import type { CallInfo } from "../call-gate.ts";
import type { PlannedFault } from "../fault-plan.ts";
import { htmlPage, type ServerFault } from "../http/sim-server.ts";

type Kind = Pick<PlannedFault, "code" | "reached" | "instead">;

const fails = (code: string): Kind => ({ code });
const misbehaves = (instead: NonNullable<PlannedFault["instead"]>): Kind => ({ code: "io-error", instead });
const server = (fault: ServerFault): Kind => misbehaves({ server: fault });

const failingFlush: readonly Kind[] = [
  { code: "io-error", reached: "nothing" },
  { code: "io-error", reached: "part" },
  { code: "io-error", reached: "everything" },
  { code: "no-space", reached: "part" },
];
const reading: readonly Kind[] = [fails("io-error"), misbehaves("wrong-byte"), misbehaves("short")];
const changing: readonly Kind[] = [
  fails("no-space"),
  fails("io-error"),
  fails("read-only"),
  misbehaves("turns-read-only"),
];

/** Body sizes of the sample repositories are a few kilobytes: the line is cut at the start, early, and far in. */
const asking: readonly Kind[] = [
  fails("connection-lost"),
  fails("unknown-host"),
  fails("timed-out"),
  server({ kind: "status", status: 500 }),
  server({ kind: "status", status: 404 }),
  server({ kind: "cut", afterBytes: 0 }),
  server({ kind: "cut", afterBytes: 5_000 }),
  server({ kind: "stall", afterBytes: 100 }),
  server({ kind: "flip", at: 70 }),
  server({ kind: "flip", at: 8_000 }),
  server({ kind: "wrong-length", by: 7 }),
  server({ kind: "wrong-length", by: -7 }),
  server({ kind: "no-ranges" }),
  server({ kind: "new-etag" }),
  server(htmlPage),
];

/** Each is one plan for one run: this call, and only it, goes wrong. */
export function faultsFor({ number, port, name, changes, subject }: CallInfo): readonly PlannedFault[] {
  return kindsFor(port, name, changes, subject).map((kind) => ({ call: number, ...kind }));
}

function kindsFor(port: string, name: string, changes: boolean, subject: string): readonly Kind[] {
  switch (port) {
    case "http":
      return asking;
    case "disk":
    case "volumes":
      if (name === "sync") return [...failingFlush, misbehaves("rot")];
      if (name === "read") return reading;
      if (name === "syncFolder") return [fails("io-error"), misbehaves("turns-read-only")];
      if (port === "disk") return changes ? changing : [fails("io-error"), fails("no-permission")];
      // A table that could not be changed half-way is seen as a power cut there is.
      if (name.endsWith(".half")) return [];
      return ["health", "repair", "changeTable"].includes(name)
        ? [fails("io-error"), fails("tool-missing"), fails("tool-failed")]
        : [fails("io-error")];
    case "loader":
      return [fails("io-error")];
    case "process":
      return subject === "" ? [] : [fails("tool-missing"), fails("tool-failed")];
    default:
      return [];
  }
}

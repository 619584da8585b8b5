// A made-up world for command tests: an agent that answers what a test says, and streams that remember.
import type { Session } from "../agent/session.ts";
import { Fault } from "../base/fault.ts";
import type { DesktopMessage } from "../port/desktop.ts";
import type { Machine } from "../port/machine.ts";
import type { Agent } from "./agent.ts";
import { runHoldfast } from "./app.ts";
import type { CliContext, HandedConnection, MachineRequest } from "./context.ts";

/** 2026-03-14 15:09 UTC. */
export const sampleNowMs: number = Date.UTC(2026, 2, 14, 15, 9, 26);

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
  /** Calls of the agent: its name, the settings, and what else it was given. */
  readonly calls: readonly { readonly deed: string; readonly session: Session; readonly rest: readonly unknown[] }[];
  readonly requests: readonly MachineRequest[];
  readonly written: readonly { readonly path: string; readonly text: string }[];
  readonly reboots: number;
  readonly leftWith: readonly number[];
  readonly announced: readonly DesktopMessage[];
}

type Answers = { readonly [Deed in keyof Agent]?: (session: Session) => unknown };

interface World {
  readonly answers?: Answers;
  readonly machine?: Partial<Machine>;
  readonly env?: Readonly<Record<string, string>>;
  readonly terminal?: boolean;
  readonly invokedAs?: string;
  readonly connection?: (instance: string | undefined) => HandedConnection;
  readonly noDesktop?: boolean;
  /** Called once with what Ctrl-C does, as soon as a command listens. */
  readonly interrupt?: (press: () => void) => void;
}

export async function runSample(
  argv: readonly string[],
  world: World = {},
  run: (argv: readonly string[], context: CliContext) => Promise<void> = runHoldfast,
): Promise<Outcome> {
  const text = { stdout: "", stderr: "" };
  const calls: { deed: string; session: Session; rest: readonly unknown[] }[] = [];
  const requests: MachineRequest[] = [];
  const written: { path: string; text: string }[] = [];
  const leftWith: number[] = [];
  const announced: DesktopMessage[] = [];
  let reboots = 0;
  const agent = new Proxy({} as Agent, {
    get:
      (_target, deed: string) =>
      async (session: Session, ...rest: readonly unknown[]) => {
        calls.push({ deed, session, rest });
        return await world.answers?.[deed as keyof Agent]?.(session);
      },
  });
  const machine = {
    process: {
      reboot: async () => {
        reboots += 1;
      },
    },
    ...world.machine,
    [Symbol.asyncDispose]: async () => undefined,
  } as unknown as Machine & AsyncDisposable;
  const process: CliContext["process"] = {
    stdout: { write: (part) => void (text.stdout += part) },
    stderr: { write: (part) => void (text.stderr += part) },
    env: world.env ?? {},
  };
  await run(argv, {
    process,
    agent,
    openMachine: async (request) => {
      requests.push(request);
      return machine;
    },
    invokedAs: world.invokedAs ?? "holdfast",
    stdoutIsTerminal: world.terminal ?? false,
    stderrIsTerminal: world.terminal ?? false,
    columns: 80,
    nowMs: sampleNowMs,
    workingFolder: "/here",
    onInterrupt: (listener) => {
      world.interrupt?.(listener);
      return () => undefined;
    },
    becomeFetcher: () => Promise.reject(new Error("Assertion failed: a test does not become another program")),
    takeConnection: async (instance) => world.connection?.(instance),
    leave: (code) => void leftWith.push(code),
    openDesktop: async () => ({
      announce: async (message) => {
        if (world.noDesktop === true) throw new Fault("no-desktop", "Cannot tell the desktop: no bus");
        announced.push(message);
      },
    }),
    openWorkshop: () => Promise.reject(new Error("there is no workshop in this world")),
    serveFolder: async ({ folder }) => ({ url: `http://sample${folder}`, [Symbol.asyncDispose]: async () => {} }),
    ownInstallation: async () => ({
      kind: "checkout",
      folder: "/holdfast",
      node: "/holdfast/node",
      packages: new Map(),
    }),
    writeCompressed: async (path, content) => void written.push({ path, text: content }),
  });
  const exitCode = Number(process.exitCode ?? -1);
  return { ...text, exitCode, calls, requests, written, reboots, leftWith, announced };
}

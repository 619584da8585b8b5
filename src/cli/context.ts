// What a command is given from outside: streams, environment, clock, machine and agent. A test hands in its own.
import type { CommandContext } from "@stricli/core";
import type { Machine } from "../port/machine.ts";
import type { HoldfastSource } from "../image/bring-holdfast.ts";
import type { Desktop } from "../port/desktop.ts";
import type { Progress } from "../port/progress.ts";
import type { Workshop } from "../port/workshop.ts";
import type { Authority, Origin } from "../varlink/caller.ts";
import type { Timer } from "../varlink/inbox.ts";
import type { Connection } from "../varlink/serve.ts";
import type { Agent } from "./agent.ts";

/** How the course of long work is shown: a live display, plain lines, or not at all. All of it goes to standard error. */
export type Display = "live" | "lines" | "none";

export interface MachineRequest {
  /** Absolute path on the host; `undefined` is the machine we run on. */
  readonly root: string | undefined;
  readonly display: Display;
  readonly colour: boolean;
  /** JSON Lines go to this open descriptor as well. */
  readonly progressFd: number | undefined;
  /** Hears of everything as well. */
  readonly listener?: Progress;
}

/** A connection that speaks Varlink, handed to this process when it was accepted. */
export interface HandedConnection extends AsyncDisposable {
  readonly connection: Connection;
  readonly origin: Origin;
  readonly authority: Authority;
  readonly after: Timer;
  readonly elapsedMs: () => number;
}

export interface WorkshopRequest {
  /** Absolute path on the host of the folder that the result goes to. */
  readonly output: string;
  /** Gets a line for each thing that takes time. */
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
  /** Lists of packages are read anew. */
  readonly refresh: boolean;
}

/** A request that was answered. */
export interface ServedRequest {
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly status: number;
  readonly bytes: number;
  readonly milliseconds: number;
}

export interface ServeRequest {
  /** Absolute path on the host. */
  readonly folder: string;
  readonly address: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly onRequest: (served: ServedRequest) => void;
}

/** What of a stream the commands use. */
export interface Output {
  write(text: string): void;
}

/** What stricli hands to a command as `this`: streams of its own, which stay silent, and ours. */
export interface CommandThis extends CommandContext {
  readonly cli: CliContext;
}

export interface CliContext {
  /** `exitCode` is where a command leaves its result. */
  readonly process: {
    readonly stdout: Output;
    readonly stderr: Output;
    readonly env: Readonly<Partial<Record<string, string>>>;
    exitCode?: number | string | null | undefined;
  };
  readonly openMachine: (request: MachineRequest) => Promise<Machine & AsyncDisposable>;
  readonly agent: Agent;
  readonly invokedAs: string;
  readonly stdoutIsTerminal: boolean;
  readonly stderrIsTerminal: boolean;
  readonly columns: number;
  readonly nowMs: number;
  /** For relative paths on the command line. */
  readonly workingFolder: string;
  /** Calls `listener` at every SIGINT and SIGTERM until the returned function is called. */
  readonly onInterrupt: (listener: () => void) => () => void;
  /** Ends the process at once: the answer to a second Ctrl-C. */
  readonly leave: (code: number) => void;
  /** This process goes on as the confined child that fetches, for whoever holds its standard input and output. */
  readonly becomeFetcher: () => Promise<never>;
  /** `instance`: of the unit that systemd made for the connection. `undefined` where none was handed over. */
  readonly takeConnection: (instance: string | undefined) => Promise<HandedConnection | undefined>;
  /** Of the user who calls. */
  readonly openDesktop: () => Promise<Desktop>;
  readonly openWorkshop: (request: WorkshopRequest) => Promise<Workshop>;
  /** Where Holdfast itself is, for images that it is a part of. */
  readonly ownInstallation: () => Promise<HoldfastSource>;
  /** Serves a folder over HTTP until it is disposed of. */
  readonly serveFolder: (request: ServeRequest) => Promise<AsyncDisposable & { readonly url: string }>;
  /** Writes a new file of `text`, gzip-compressed, readable by its owner only. */
  readonly writeCompressed: (path: string, text: string) => Promise<void>;
}

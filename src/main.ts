// Starts Holdfast: hands the real world to the command line, and catches what nobody else caught. Wiring only.
import { basename } from "node:path";
import { runHoldfast } from "./cli/app.ts";
import type { CliContext, HandedConnection, MachineRequest, ServeRequest, WorkshopRequest } from "./cli/context.ts";
import { reportFailure } from "./cli/fail.ts";
import { lazyAgent } from "./cli/lazy-agent.ts";
import { tellingAgent } from "./cli/telling-agent.ts";
import type { HoldfastSource } from "./image/bring-holdfast.ts";
import type { Desktop } from "./port/desktop.ts";
import type { Machine } from "./port/machine.ts";
import type { Progress } from "./port/progress.ts";
import type { Workshop } from "./port/workshop.ts";

/** The name it was called by; bin/holdfast passes it on. */
const invokedAs = basename(process.env["HOLDFAST_INVOKED_AS"] ?? "holdfast");
const argv = process.argv.slice(2);

async function progressFor(
  { display, colour, progressFd, listener }: MachineRequest,
  manager: Progress | undefined,
): Promise<Progress> {
  const listeners: Progress[] = [manager, listener].filter((each) => each !== undefined);
  if (display === "none" && progressFd === undefined && listeners.length === 0) return { report: () => undefined };
  const progress = await import("./adapter/progress/progress.ts");
  if (display === "live") listeners.push(progress.ttyProgress(process.stderr, { colour }));
  if (display === "lines") listeners.push(progress.lineProgress(process.stderr));
  if (progressFd !== undefined) listeners.push(progress.jsonProgress(progressFd));
  return progress.teeProgress(...listeners);
}

async function openMachine(request: MachineRequest): Promise<Machine & AsyncDisposable> {
  const { realMachine } = await import("./adapter/machine.ts");
  const manager = await serviceManager();
  const progress = await progressFor(request, manager);
  const machine = realMachine({ progress, ...(request.root === undefined ? {} : { root: request.root }) });
  return {
    ...machine,
    async [Symbol.asyncDispose]() {
      await machine[Symbol.asyncDispose]();
      await manager?.[Symbol.asyncDispose]();
    },
  };
}

/** Whoever started us as a service and wants to know how it stands. */
async function serviceManager(): Promise<(Progress & AsyncDisposable) | undefined> {
  const socket = process.env["NOTIFY_SOCKET"];
  if (socket === undefined || socket === "") return undefined;
  const { notifyProgress } = await import("./adapter/notify/notify-progress.ts");
  return notifyProgress({ socket, path: process.env["PATH"] });
}

async function openDesktop(): Promise<Desktop> {
  return (await import("./adapter/desktop/notification-service.ts")).notificationService({ env: process.env });
}

async function openWorkshop(request: WorkshopRequest): Promise<Workshop> {
  const { nodeWorkshop, workshopCache } = await import("./adapter/workshop/node-workshop.ts");
  return nodeWorkshop({ ...request, cache: workshopCache(process.env) });
}

async function ownInstallation(): Promise<HoldfastSource> {
  return (await import("./adapter/workshop/own-installation.ts")).ownInstallation();
}

async function serveFolder(request: ServeRequest): Promise<AsyncDisposable & { readonly url: string }> {
  return (await import("./adapter/serve/folder-server.ts")).serveFolder(request);
}

async function becomeFetcher(): Promise<never> {
  const { becomeWorker } = await import("./adapter/confined/launch.ts");
  return becomeWorker("http", { isRoot: process.geteuid?.() === 0 });
}

async function takeConnection(instance: string | undefined): Promise<HandedConnection | undefined> {
  return (await import("./adapter/varlink/take-connection.ts")).takeConnection(instance, process.env);
}

function onInterrupt(listener: () => void): () => void {
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

async function writeCompressed(path: string, text: string): Promise<void> {
  const [{ writeFile }, { gzipSync }, { Fault }] = await Promise.all([
    import("node:fs/promises"),
    import("node:zlib"),
    import("./base/fault.ts"),
  ]);
  try {
    await writeFile(path, gzipSync(text), { flag: "wx", mode: 0o600 });
  } catch (cause) {
    const states: Readonly<Record<string, string>> = {
      EEXIST: "it exists already",
      ENOENT: "its folder does not exist",
      EACCES: "no permission",
    };
    const { code = "", message = String(cause) } = cause as { readonly code?: string; readonly message?: string };
    const state = states[code] ?? message;
    throw new Fault("cannot-write", `Cannot write ${path}: ${state}`, {
      cause,
      hint: "Name another file with --output.",
    });
  }
}

const context: CliContext = {
  process,
  openMachine,
  agent: tellingAgent(lazyAgent),
  invokedAs,
  stdoutIsTerminal: process.stdout.isTTY,
  stderrIsTerminal: process.stderr.isTTY,
  columns: process.stdout.columns || Number(process.env["COLUMNS"]) || 80,
  nowMs: Date.now(),
  workingFolder: process.cwd(),
  onInterrupt,
  openDesktop,
  openWorkshop,
  ownInstallation,
  serveFolder,
  leave: (code) => process.exit(code),
  becomeFetcher,
  takeConnection,
  writeCompressed,
};

function fail(thrown: unknown): void {
  const style = { program: invokedAs, json: argv.includes("--json"), verbose: argv.includes("--verbose") };
  process.exitCode = reportFailure(context, thrown, style);
}

// Whoever reads us may stop reading (`holdfast list | head`): that is no failure of ours.
process.stdout.on("error", () => process.exit());
process.on("uncaughtException", (thrown) => {
  fail(thrown);
  process.exit();
});

async function start(): Promise<void> {
  try {
    await runHoldfast(invokedAs === "systemd-sysupdate" ? ["sysupdate", ...argv] : argv, context);
  } catch (thrown) {
    fail(thrown);
  }
}

void start();

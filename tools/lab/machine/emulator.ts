// Starts QEMU, emulated everywhere alike, waits for its end, and answers what its console said and how it ended.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** How a start ended. A reset is one by guest, firmware or a panic: QEMU is told to end instead of starting again. */
export type Ended = "poweroff" | "reset" | "watchdog" | "hung";

export interface EmulatorOptions {
  readonly secondsMax: number;
  /** The console, as it comes. */
  readonly heard?: (text: string) => void;
  /** Ends it early, as pulling the plug does: when the console has said this. */
  readonly cutAt?: RegExp;
}

export interface EmulatorEnded {
  /** Without carriage returns and terminal control. */
  readonly console: string;
  readonly seconds: number;
  readonly ended: Ended | "cut";
}

const consoleCharactersMax = 1 << 22;

/** What every machine has: one emulated processor, a console on stdio, and no restart. */
export function machineArguments(memoryMiB: number, folders: readonly string[]): readonly string[] {
  const machine = ["-machine", "q35", "-accel", "tcg", "-cpu", "qemu64", "-smp", "1", "-m", String(memoryMiB)];
  const bare = ["-nodefaults", "-display", "none", "-vga", "none", "-no-reboot", "-serial", "stdio"];
  return [...folders.flatMap((folder) => ["-L", folder]), ...machine, ...bare, "-device", "virtio-rng-pci"];
}

/** Runs it until it powers off or wants to reboot, which ends it too: the next start is a call of its own. */
export async function runEmulator(
  emulator: string,
  args: readonly string[],
  options: EmulatorOptions,
): Promise<EmulatorEnded> {
  const begin = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "holdfast-emulator-"));
  const trace = join(folder, "trace");
  const tracing = ["-d", "trace:qemu_system_shutdown_request,trace:watchdog_perform_action", "-D", trace];
  try {
    const child = spawn(emulator, [...args, ...tracing], { stdio: ["ignore", "pipe", "pipe"] });
    let printed = "";
    let complaints = "";
    let stopped: "hung" | "cut" | undefined;
    const stop = (why: "hung" | "cut"): void => {
      stopped ??= why;
      child.kill("SIGKILL");
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (printed.length < consoleCharactersMax) printed += text;
      options.heard?.(text);
      if (options.cutAt?.test(printed) === true) stop("cut");
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => (complaints += text));
    const timer = setTimeout(() => stop("hung"), options.secondsMax * 1000);
    const code = await endOf(child).finally(() => clearTimeout(timer));
    if (stopped === undefined && code !== 0) throw new Error(`QEMU ended with ${code}: ${complaints.trim()}`);
    return {
      console: plain(printed),
      seconds: (performance.now() - begin) / 1000,
      ended: stopped ?? howItEnded(await readFile(trace, "utf8").catch(() => "")),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Causes as QEMU's enumeration ShutdownCause numbers them: 6 is a guest that powers off. */
function howItEnded(trace: string): Ended {
  if (trace.includes("watchdog_perform_action")) return "watchdog";
  return /qemu_system_shutdown_request reason=6\b/.test(trace) ? "poweroff" : "reset";
}

/** Firmware and loader draw with the terminal's control sequences: an escape character, and what it begins. */
const drawing = new RegExp(`${String.fromCharCode(27)}\\[[0-9;?=]*[A-Za-z]`, "g");

function plain(text: string): string {
  return text.replaceAll(drawing, "").replaceAll(/\r+\n?/g, "\n");
}

async function endOf(child: ChildProcess): Promise<number | null> {
  // A program that ends because of an error takes its guests along.
  const end = (): void => void child.kill("SIGKILL");
  process.once("exit", end);
  try {
    return await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  } finally {
    process.off("exit", end);
  }
}

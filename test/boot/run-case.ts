// Switches the machine of a case on, until it is up, down, or going round in circles, and says what was seen.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Boot, Machine } from "../../tools/lab/machine/machine.ts";
import { type BootCase, machineOf, type Scene, startsMax } from "./boot-case.ts";

export interface Seen {
  /** As in a BootCase. */
  readonly outcome: string;
  readonly after: readonly string[];
  readonly boots: readonly Boot[];
  /** From power-on to the end, all starts together. */
  readonly seconds: number;
  /** What failures.txt says, without its times. */
  readonly failures: readonly string[];
  /** The console of each boot, for people. */
  readonly consoles: string;
}

/** The page; firmware that has found nothing else to start, or has crashed. */
const standstill =
  /failures\.txt\.?\r*\n|No bootable option or device was found|starting Boot\w+ "EFI Internal|X64 Exception/;

export async function runCase(scene: Scene, boot: BootCase, folder: string): Promise<Seen> {
  const machine = await machineOf(scene, boot, folder);
  const words = Object.entries(boot.does ?? {}).map(([version, deed]) => `tiny.do=${version}:${deed}`);
  const { most = startsMax, secondsMax = 240 } = boot;
  const boots = await machine.bootUntilDown(most, { words, secondsMax, cutAt: standstill });
  const seen = await look(machine, boots, most);
  await rm(join(folder, "disk"));
  return seen;
}

export async function look(machine: Machine, boots: readonly Boot[], most: number): Promise<Seen> {
  const failures = String((await machine.esp.read("EFI/holdfast/failures.txt")) ?? "");
  return {
    outcome: outcomeOf(boots, most),
    after: await machine.esp.names("EFI/Linux"),
    boots,
    seconds: boots.reduce((sum, { seconds }) => sum + seconds, 0),
    failures: failures
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => line.split("\t").slice(1).join(" ")),
    consoles: machine.consoles,
  };
}

function outcomeOf(boots: readonly Boot[], most: number): string {
  const last = boots.at(-1);
  const up = /^holdfast: up (\S+)$/m.exec(last?.console ?? "")?.[1];
  if (last?.ended === "poweroff") return up === undefined ? "powers off" : `up ${up}`;
  if (last?.console.includes("No version of this system starts") === true) return "page";
  return boots.length === most && (last?.ended === "reset" || last?.ended === "watchdog") ? "for ever" : "hangs";
}

/** One line for people: times are from power-on, and end when the machine is off. */
export function tellSeen({ name }: BootCase, { outcome, boots, seconds }: Seen): string {
  const starts = boots.map(({ ended, seconds: took }) => `${ended} ${took.toFixed(0)} s`).join(", ");
  return `${name}: ${outcome} after ${seconds.toFixed(0)} s (${starts})`;
}

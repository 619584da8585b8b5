// What systemd's units start around boot-complete.target, and what a person does about boots, on the simulated machine.
import { assessBoot, rejectBoot } from "../../agent/boot/assess.ts";
import { confirmBoot } from "../../agent/boot/confirm.ts";
import { giveBack } from "../../agent/boot/give-back.ts";
import { liftVersion } from "../../agent/boot/quarantine.ts";
import { tryVersion } from "../../agent/boot/try-version.ts";
import type { Session } from "../../agent/session.ts";
import type { Machine } from "../../port/machine.ts";
import { bootOnce } from "../boot/boot-once.ts";
import { type Habits, startOf } from "../check/starts.ts";
import type { Command } from "./commands.ts";
import type { Step } from "./promised.ts";

const sessionOn = (machine: Machine): Session => ({
  machine,
  settings: { live: true },
  signal: new AbortController().signal,
});

/** Ends well only where the boot was found good. */
export const assess: Command = async (machine) => {
  const { verdict, checks } = await assessBoot(sessionOn(machine));
  const failed = checks.filter(({ state, required }) => required && state === "failed");
  if (verdict === "bad")
    throw new Error(`it was found bad: ${failed.map(({ name, text }) => `${name}: ${text}`).join("; ")}`);
};

/** Whatever the verdict is. */
export const judge: Command = async (machine) => {
  await assessBoot(sessionOn(machine));
};

export const reject: Command = async (machine) => {
  await rejectBoot(sessionOn(machine));
};

export const confirm: Command = async (machine) => {
  await confirmBoot(sessionOn(machine));
};

/** Ends well only where the ESP says that the boot was marked good. */
export const confirmBlessed: Command = async (machine) => {
  const { blessing, because } = await confirmBoot(sessionOn(machine));
  if (blessing !== "blessed") throw new Error(`it is not marked good: ${because}`);
};

export const giveTryBack: Command = async (machine) => {
  await giveBack(sessionOn(machine));
};

export function tryOnce(version: string): Command {
  return async (machine) => {
    await tryVersion(sessionOn(machine), version);
  };
}

export function lift(version: string): Command {
  return async (machine) => {
    await liftVersion(sessionOn(machine), version);
  };
}

/** Switched on, and not judged: what came up runs, and says so. */
export const switchedOn =
  (habits: Omit<Habits, "limping"> = {}): Step =>
  async ({ world, truth }) => {
    world.restart();
    const { imageMissing = "give-up", ...rest } = habits;
    const { entry, why } = await bootOnce(world, {
      esp: "/efi",
      imageMissing,
      start: (found, now) => startOf(truth, found, now, { ...rest, limping: new Set() }),
    });
    const version = entry === undefined ? undefined : truth.versionOf(entry.fileName);
    if (version === undefined) throw new Error(`nothing came up: ${why}`);
    world.tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`);
  };

/** A command in the boot that goes on. */
export const inThisBoot =
  (command: Command): Step =>
  async ({ world }) =>
    command(world.run().machine);

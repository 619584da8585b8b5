// holdfast enable: updates come by themselves, and systemd-sysupdate's timers are handed over.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { hostPath } from "../place.ts";
import { renderEnable } from "../text/units.ts";

interface Flags extends CommonFlags {
  readonly reboot: boolean;
}

export const page: CommandPage = {
  name: "enable",
  brief: "Let updates come by themselves",
  description: [
    "Turns on the timer that updates this machine and the units that judge its boots. With --reboot the machine also reboots by itself, at night, when another version is to start, nobody is logged in and nothing asks to wait. Timers of systemd-sysupdate that are on are turned off; `holdfast disable` gives them back as they were.",
    "With --root it works on an image, which then starts so.",
  ],
  examples: [
    { input: "enable", does: "updates come by themselves; when to reboot is yours to say" },
    { input: "enable --reboot", does: "the reboot comes by itself too" },
    { input: "enable --root=/mnt", does: "in an image that is not running" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: { reboot: { ...onOff, brief: "Reboot by itself as well, in the maintenance window" }, ...commonFlags },
    },
    func: act<Flags, []>({ name: "enable" }, async ({ context, agent, session, print }, { reboot, root }) => {
      const at = root === undefined || session.settings.live ? {} : { root: hostPath(root, context.workingFolder) };
      print(await agent.enable(session, { reboot, ...at }), renderEnable);
      return exit.done;
    }),
  }),
};

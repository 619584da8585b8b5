// holdfast disable: updates no longer come by themselves, and systemd-sysupdate has its timers back.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { hostPath } from "../place.ts";
import { renderDisable } from "../text/units.ts";

interface Flags extends CommonFlags {
  readonly all: boolean;
}

export const page: CommandPage = {
  name: "disable",
  brief: "No more updates by themselves",
  description: [
    "Turns off the timers that update and reboot this machine, and gives systemd-sysupdate's back as they were before `holdfast enable`. Boots are still judged, so that an update by hand can fall back; --all turns that off as well.",
  ],
  examples: [
    { input: "disable", does: "updates by hand from now on" },
    { input: "disable --all", does: "before Holdfast is removed" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: { all: { ...onOff, brief: "Boots are no longer judged either" }, ...commonFlags },
    },
    func: act<Flags, []>({ name: "disable" }, async ({ context, agent, session, print }, { all, root }) => {
      const at = root === undefined || session.settings.live ? {} : { root: hostPath(root, context.workingFolder) };
      print(await agent.disable(session, { all, ...at }), renderDisable);
      return exit.done;
    }),
  }),
};

// holdfast reboot: what holdfast-reboot.service does in the maintenance window.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderReboot } from "../text/units.ts";

interface Flags extends CommonFlags {
  readonly now: boolean;
}

export const page: CommandPage = {
  name: "reboot",
  brief: "Reboot, if another version boots next and nobody minds",
  description: [
    "Reboots when the version that boots next is not the one that runs. While somebody is logged in, a program asks to wait (systemd-inhibit), or the running version is on trial, it does not, and ends with 3; nor does it do so twice within a day for one version that did not come up. --now asks nobody.",
  ],
  examples: [
    { input: "reboot", does: "what holdfast-reboot.timer starts at night" },
    { input: "reboot --now", does: "into the new version, whoever is logged in" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: { now: { ...onOff, brief: "Do not ask who is logged in or wants to wait" }, ...commonFlags },
    },
    func: act<Flags, []>({ name: "reboot" }, async ({ agent, session, print }, { now }) => {
      const report = await agent.reboot(session, { now });
      print(report, renderReboot);
      return report.outcome === "rebooting" ? exit.done : exit.nothing;
    }),
  }),
};

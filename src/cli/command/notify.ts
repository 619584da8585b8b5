// holdfast notify: tells the person at the screen, for packaging/systemd-user.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderNotify } from "../text/notify.ts";
import { usageFault } from "../usage-fault.ts";

export const page: CommandPage = {
  name: "notify",
  brief: "Tell the desktop what a person should hear, once",
  description: [
    "Shows what the machine left in /run/holdfast/notice.json through the desktop's notification service: a version is ready and starts with the next boot, the machine is back on an older version and why, a newer version is on offer. Each thing is told once to each person; what was told is kept in $XDG_STATE_HOME/holdfast/told.json. Run as the person at the screen; holdfast-notify.path does it.",
  ],
  examples: [{ input: "notify", does: "what holdfast-notify.service does" }],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "notify" }, async ({ context, session, print }) => {
      const { XDG_STATE_HOME: state, HOME: home } = context.process.env;
      const base = state?.startsWith("/") === true ? state : home === undefined ? undefined : `${home}/.local/state`;
      if (base === undefined)
        throw usageFault("Cannot remember what was told: neither HOME nor XDG_STATE_HOME is set", "Set HOME.");
      const { notifyPerson } = await import("../../agent/standing/notify.ts");
      const report = await notifyPerson(session, await context.openDesktop(), `${base}/holdfast/told.json`);
      print(report, renderNotify);
      return report.told.length === 0 ? exit.nothing : exit.done;
    }),
  }),
};

// holdfast rollback [VERSION]: an older version boots next, once it is proven intact.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, rebootFlag, versionIfAny } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { rebootInto } from "../reboot.ts";
import { renderRollback } from "../text/rollback.ts";

interface Flags extends CommonFlags {
  readonly reboot: boolean;
}

export const page: CommandPage = {
  name: "rollback",
  brief: "Boot an older version next, once it is proven intact",
  description: [
    "Makes VERSION, or the last version known to be good, what boots next and after that. Everything it needs is read and compared first; if it cannot be proven intact, nothing changes and the reason is said. The newer version stays installed.",
  ],
  examples: [
    { input: "rollback", does: "to the last version known to be good" },
    { input: "rollback 24.1 --reboot", does: "to this one, now" },
  ],
  command: buildCommand<Flags, [version?: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        reboot: rebootFlag,
        ...commonFlags,
      },
      positional: versionIfAny,
    },
    func: act<Flags, [version?: string]>(
      { name: "rollback", long: true },
      async ({ context, agent, session, print }, flags, version) => {
        const report = await agent.rollback(session, version === undefined ? {} : { version });
        print(report, renderRollback);
        if (flags.reboot) await rebootInto(context, session, report.to);
        return exit.done;
      },
    ),
  }),
};

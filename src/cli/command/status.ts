// holdfast status: what runs, what boots next, and why nothing has happened.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";

export const page: CommandPage = {
  name: "status",
  brief: "What runs, what boots next, and what there is to fall back to",
  description: [
    "Shows the running version, what is installed and how sure Holdfast is of each version, the boot menu in the order of the boot loader, what boots next and after that, the way back, the last verified check, and why nothing has happened if nothing has. Nothing is fetched and nothing is changed.",
  ],
  examples: [
    { input: "status", does: "this machine" },
    { input: "status --root=/mnt", does: "a machine that is switched off, from its tree" },
    { input: "status --json | jq .bootsNext", does: "for a script" },
  ],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "status" }, async (call) => {
      const { renderStatus } = await import("../text/status.ts");
      call.print(await call.agent.status(call.session), renderStatus);
      return exit.done;
    }),
  }),
};

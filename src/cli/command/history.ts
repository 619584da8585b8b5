// holdfast history: what happened and when, from the journal.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderHistory } from "../text/history.ts";

export const page: CommandPage = {
  name: "history",
  brief: "What happened, and when",
  description: [
    "Shows what Holdfast did and saw on this machine, oldest first, from its journal. The journal is for people: nothing that Holdfast decides depends on it.",
  ],
  examples: [
    { input: "history", does: "all of it" },
    { input: "history --json", does: "for a script" },
  ],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "history" }, async ({ agent, session, print }) => {
      print(await agent.history(session), renderHistory);
      return exit.done;
    }),
  }),
};

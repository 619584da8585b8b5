// holdfast list [VERSION]: all versions, or one in full.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff, versionIfAny } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderContent } from "../text/content.ts";
import { renderList } from "../text/list.ts";

interface Flags extends CommonFlags {
  readonly offline: boolean;
}

export const page: CommandPage = {
  name: "list",
  brief: "All versions, installed and offered",
  description: [
    "Shows every version that is installed or offered, newest first, and what each lacks. With VERSION, shows its resources one by one.",
  ],
  examples: [
    { input: "list", does: "all versions" },
    { input: "list 24.2", does: "what version 24.2 consists of" },
    { input: "list --offline", does: "what is installed, without asking the source" },
  ],
  command: buildCommand<Flags, [version?: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        ...commonFlags,
        offline: { ...onOff, brief: "Do not ask the source" },
      },
      positional: versionIfAny,
    },
    func: act<Flags, [version?: string]>(
      { name: "list", settings: ({ offline }) => ({ offline }) },
      async ({ agent, session, print }, { offline }, version) => {
        if (version !== undefined) {
          print(await agent.content(session, version), renderContent);
          return exit.done;
        }
        const report = await agent.list(session);
        print(report, renderList);
        return report.sourceProblem === undefined || offline ? exit.done : exit.finding;
      },
    ),
  }),
};

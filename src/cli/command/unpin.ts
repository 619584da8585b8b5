// holdfast unpin VERSION: lets a version be removed again.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, oneVersion } from "../flags.ts";
import type { CommandPage } from "../help.ts";

export const page: CommandPage = {
  name: "unpin",
  brief: "Let a version be removed again",
  description: ["Takes a pin back. The version stays until an update or `holdfast vacuum` has a reason to remove it."],
  examples: [{ input: "unpin 24.2", does: "let version 24.2 go" }],
  command: buildCommand<CommonFlags, [version: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: commonFlags,
      positional: oneVersion,
    },
    func: act<CommonFlags, [version: string]>({ name: "unpin" }, async ({ agent, session, print }, _flags, version) => {
      await agent.unpin(session, version);
      print({ version, pinned: false }, () => `Version ${version} is no longer pinned.\n`);
      return exit.done;
    }),
  }),
};

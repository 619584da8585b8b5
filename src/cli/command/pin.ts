// holdfast pin VERSION: keeps a version until it is unpinned (P3).
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, oneVersion } from "../flags.ts";
import type { CommandPage } from "../help.ts";

export const page: CommandPage = {
  name: "pin",
  brief: "Never remove a version",
  description: ["A pinned version is not removed or overwritten, whatever the definitions say, until it is unpinned."],
  examples: [{ input: "pin 24.2", does: "keep version 24.2" }],
  command: buildCommand<CommonFlags, [version: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: commonFlags,
      positional: oneVersion,
    },
    func: act<CommonFlags, [version: string]>({ name: "pin" }, async ({ agent, session, print }, _flags, version) => {
      await agent.pin(session, version);
      print({ version, pinned: true }, () => `Version ${version} is pinned: it stays until it is unpinned.\n`);
      return exit.done;
    }),
  }),
};

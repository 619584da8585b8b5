// holdfast repo diff DIR FROM TO: what an update from one release to another costs.
import { buildCommand } from "@stricli/core";
import { diffReleases } from "../../publish/diff.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { pathArgument, versionArgument } from "../parse.ts";
import { publisherFor } from "../repo.ts";
import { renderDiff } from "../text/repo-diff.ts";

export const page: CommandPage = {
  name: "repo diff",
  brief: "What an update from one release to another costs, and why",
  description: [
    "Says for each file of the newer release what a machine with the older one would fetch: the whole file, its chunks, or a delta. Names the files inside images that cost most, and what would make updates cheaper. It compares the images as `repo add` does, which takes as long.",
  ],
  examples: [{ input: "repo diff /srv/os 4 5", does: "from 4 to 5" }],
  command: buildCommand<CommonFlags, [folder: string, from: string, to: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: commonFlags,
      positional: {
        kind: "tuple",
        parameters: [
          { parse: pathArgument, placeholder: "DIR", brief: "" },
          { parse: versionArgument, placeholder: "FROM", brief: "" },
          { parse: versionArgument, placeholder: "TO", brief: "" },
        ],
      },
    },
    func: act<CommonFlags, [folder: string, from: string, to: string]>(
      { name: "repo diff", long: true, keeps: "Nothing was changed." },
      async (call, flags, folder, from, to) => {
        call.print(await diffReleases(publisherFor(call, flags, folder), from, to), renderDiff);
        return exit.done;
      },
    ),
  }),
};

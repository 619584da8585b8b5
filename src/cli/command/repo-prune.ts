// holdfast repo prune DIR: old releases go, and after a grace what nothing names any more.
import { buildCommand } from "@stricli/core";
import { pruneRepository } from "../../publish/prune.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { numberArgument } from "../parse-simulate.ts";
import { pathArgument } from "../parse.ts";
import { keepsRepository, publisherFor } from "../repo.ts";
import { renderPrune } from "../text/repo.ts";

interface Flags extends CommonFlags {
  readonly keep?: number;
  readonly graceDays?: number;
}

export const page: CommandPage = {
  name: "repo prune",
  brief: "Remove old releases, and chunks that nothing names",
  description: [
    "Takes all but the newest releases from the index. Files that no published index names any more stay for a grace, in which clients that began earlier finish; a later prune removes them. It refuses to leave nothing, and never removes what a release that stays, or one that is staged, needs.",
  ],
  examples: [
    { input: "repo prune /srv/os --keep=3", does: "the newest three stay" },
    { input: "repo prune /srv/os --keep=3 --grace-days=0", does: "and the rest goes now" },
  ],
  command: buildCommand<Flags, [folder: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        keep: {
          kind: "parsed",
          optional: true,
          parse: numberArgument("a number of releases", 0, 100_000),
          brief: "How many releases stay, if not as many as init said",
          placeholder: "N",
        },
        graceDays: {
          kind: "parsed",
          optional: true,
          parse: numberArgument("a number of days", 0, 3650),
          brief: "How long files stay that nothing names, likewise",
          placeholder: "N",
        },
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "DIR", brief: "" }] },
    },
    func: act<Flags, [folder: string]>(
      { name: "repo prune", long: true, keeps: keepsRepository },
      async (call, flags, folder) => {
        const { keep, graceDays } = flags;
        call.print(await pruneRepository(publisherFor(call, flags, folder), { keep, graceDays }), renderPrune);
        return exit.done;
      },
    ),
  }),
};

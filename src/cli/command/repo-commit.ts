// holdfast repo commit DIR: makes what is staged visible, in one step.
import { buildCommand } from "@stricli/core";
import { commitStaged } from "../../publish/commit.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { pathArgument } from "../parse.ts";
import { keepsRepository, publisherFor } from "../repo.ts";
import { renderCommit } from "../text/repo.ts";

interface Flags extends CommonFlags {
  readonly renew: boolean;
}

export const page: CommandPage = {
  name: "repo commit",
  brief: "Publish what is staged, in one step",
  description: [
    "Puts the staged files in place, flushes them and reads them back, while nothing names them; then replaces holdfast.json in one rename, then SHA256SUMS.gpg and SHA256SUMS for other clients. One of these that reads between the two finds a signature that does not fit, takes nothing, and succeeds the next time.",
    "Interrupted at any point, clients see the old releases or the new ones, each whole, and the same command finishes.",
  ],
  examples: [
    { input: "repo commit /srv/os", does: "publish" },
    { input: "repo commit /srv/os --renew", does: "sign for another term" },
  ],
  command: buildCommand<Flags, [folder: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        renew: {
          kind: "boolean",
          withNegated: false,
          default: false,
          brief: "Sign anew though nothing is staged: the index expires later",
        },
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "DIR", brief: "" }] },
    },
    func: act<Flags, [folder: string]>(
      { name: "repo commit", long: true, keeps: keepsRepository },
      async (call, flags, folder) => {
        call.print(await commitStaged(publisherFor(call, flags, folder), flags.renew), renderCommit);
        return exit.done;
      },
    ),
  }),
};

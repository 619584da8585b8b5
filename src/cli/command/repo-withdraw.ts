// holdfast repo withdraw DIR VERSION: takes a release back.
import { buildCommand } from "@stricli/core";
import { withdrawRelease } from "../../publish/withdraw.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { pathArgument, versionArgument } from "../parse.ts";
import { keepsRepository, publisherFor } from "../repo.ts";
import { renderWithdraw } from "../text/repo.ts";

export const page: CommandPage = {
  name: "repo withdraw",
  brief: "Take a release back: no machine installs it any more",
  description: [
    "Marks a release as withdrawn in holdfast.json and takes it from SHA256SUMS. Machines that have it and have not blessed it yet fall to the newest good one. Its files stay until `holdfast repo prune`. A release that is only staged is dropped.",
  ],
  examples: [{ input: "repo withdraw /srv/os 5", does: "version 5 was no good" }],
  command: buildCommand<CommonFlags, [folder: string, version: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: commonFlags,
      positional: {
        kind: "tuple",
        parameters: [
          { parse: pathArgument, placeholder: "DIR", brief: "" },
          { parse: versionArgument, placeholder: "VERSION", brief: "" },
        ],
      },
    },
    func: act<CommonFlags, [folder: string, version: string]>(
      { name: "repo withdraw", keeps: keepsRepository },
      async (call, flags, folder, version) => {
        call.print(await withdrawRelease(publisherFor(call, flags, folder), version), renderWithdraw);
        return exit.done;
      },
    ),
  }),
};

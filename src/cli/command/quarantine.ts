// holdfast quarantine list, quarantine lift VERSION: what failed here, and letting it be tried again (P8).
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { choiceArgument, versionArgument } from "../parse.ts";
import { renderLift, renderQuarantine } from "../text/quarantine.ts";
import { missing, usageFault } from "../usage-fault.ts";

type Action = "list" | "lift";

function demandFitting(action: Action, version: string | undefined): void {
  if ((action === "lift") === (version !== undefined)) return;
  if (action === "lift")
    throw missing("quarantine lift", "VERSION", "`holdfast quarantine list` shows the versions that are in it.");
  throw usageFault(
    `Cannot understand ${JSON.stringify(version)}: \`holdfast quarantine list\` takes no version`,
    "`holdfast quarantine --help` shows how it is used.",
  );
}

export const page: CommandPage = {
  name: "quarantine",
  brief: "Versions that failed here; let one be tried again",
  description: [
    "`list` shows the versions that are passed over, since when, and the evidence: the health check that failed, a kernel panic, a missing image, or that a person went back from it. `lift VERSION` ends the quarantine of one: it is offered again, and what told against it is used up. A newer version needs no lifting.",
  ],
  examples: [
    { input: "quarantine list", does: "what failed, and why" },
    { input: "quarantine lift 24.3", does: "let 24.3 be tried again" },
  ],
  command: buildCommand<CommonFlags, [action: Action, version?: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: commonFlags,
      positional: {
        kind: "tuple",
        parameters: [
          { parse: choiceArgument("an action", ["list", "lift"] as const), placeholder: "list|lift", brief: "" },
          { parse: versionArgument, placeholder: "VERSION", brief: "", optional: true },
        ],
      },
    },
    func: act<CommonFlags, [action: Action, version?: string]>(
      { name: "quarantine" },
      async ({ agent, session, print }, _flags, action, version) => {
        demandFitting(action, version);
        if (version === undefined) print(await agent.quarantine(session), renderQuarantine);
        else print(await agent.liftQuarantine(session, version), renderLift);
        return exit.done;
      },
    ),
  }),
};

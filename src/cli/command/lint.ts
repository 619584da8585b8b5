// holdfast lint: proves the definitions of sysupdate.d sane. Exit code 7 when they are not.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderLint } from "../text/lint.ts";

export const page: CommandPage = {
  name: "lint",
  brief: "Check the definitions in sysupdate.d",
  description: [
    "Reads the definitions and proves that no two target patterns can match one name, that every pattern carries the version, and that all transfers keep the same number of versions. Warns where systemd-sysupdate would publish the boot entry too early. Ends with exit code 7 when there is an error.",
  ],
  examples: [
    { input: "lint", does: "the definitions of this machine" },
    { input: "lint --definitions=./sysupdate.d", does: "those of a folder, in a build" },
  ],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "lint" }, async ({ agent, session, print }) => {
      const report = await agent.lint(session);
      print(report, renderLint);
      return report.findings.some(({ severity }) => severity === "error") ? exit.finding : exit.done;
    }),
  }),
};

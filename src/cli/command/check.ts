// holdfast check: is there a newer version? Exit code 0 for yes, 3 for no.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderCheck } from "../text/check.ts";

export const page: CommandPage = {
  name: "check",
  brief: "Is there a newer version?",
  description: [
    "Fetches the list of versions, verifies its signature, and says whether one is newer than what is installed, how much there is to download, and how much room it takes. Ends with exit code 0 when there is, 3 when there is not.",
  ],
  examples: [
    { input: "check", does: "look" },
    { input: "check && holdfast update", does: "update only when there is something" },
  ],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "check", long: true }, async (call, flags) => {
      const report = await call.agent.check(call.session);
      call.print(report, (found, look) => renderCheck(found, look, flags.component));
      return report.available === undefined ? exit.nothing : exit.done;
    }),
  }),
};

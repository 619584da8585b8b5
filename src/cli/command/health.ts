// holdfast health: the health checks by hand (P8).
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import { checkTimesOf, type HealthFlags, healthFlags } from "../check-flags.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderHealth } from "../text/health.ts";

export const page: CommandPage = {
  name: "health",
  brief: "Run the health checks by which a boot is judged",
  description: [
    "Runs the built-in checks and the programs in check/required.d and check/wanted.d below /etc/holdfast, /usr/lib/holdfast, /etc/greenboot and /usr/lib/greenboot, and says what each found. Nothing is recorded and nothing follows from it. With --root only the built-in checks are run. Exit code 0 means healthy, 7 that a required check did not pass.",
  ],
  examples: [
    { input: "health", does: "as they would be run at boot" },
    { input: "health --json | jq .verdict", does: "for a script" },
  ],
  command: buildCommand<HealthFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: { ...healthFlags, ...commonFlags } },
    func: act<HealthFlags, []>({ name: "health", long: true }, async ({ agent, session, print }, flags) => {
      const report = await agent.health(session, checkTimesOf(flags));
      print(report, renderHealth);
      return report.verdict === "good" ? exit.done : exit.finding;
    }),
  }),
};

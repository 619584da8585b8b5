// holdfast metrics: the machine as Prometheus metrics.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";

export const page: CommandPage = {
  name: "metrics",
  brief: "Versions, ages, findings and counters, for Prometheus",
  description: [
    "Prints the machine as metrics in Prometheus' text format. The same is written to holdfast.prom in the folder of node_exporter's textfile collector after everything that changes the machine, where that folder is there; HOLDFAST_METRICS_FOLDER names another one, and empty switches it off. An age is a difference of times: time() - holdfast_last_check_timestamp_seconds.",
  ],
  examples: [
    { input: "metrics", does: "this machine" },
    { input: "metrics --root=/mnt", does: "a machine that is switched off, from its tree" },
  ],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "metrics" }, async ({ agent, session, print }) => {
      const { metricsText } = await import("../../agent/standing/show.ts");
      print(await metricsText(session, await agent.status(session)), (text) => text);
      return exit.done;
    }),
  }),
};

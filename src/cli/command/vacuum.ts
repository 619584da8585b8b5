// holdfast vacuum: removes old versions whole, entry first (P2), never below the way back (P3).
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderVacuum } from "../text/vacuum.ts";

export const page: CommandPage = {
  name: "vacuum",
  brief: "Remove old versions, whole, never the way back",
  description: [
    "Removes versions beyond what the definitions keep (InstancesMax=), obsolete ones, what switched-off features left, and leftovers of interrupted work. Each goes whole, its boot entry first. The running version, the way back and pinned versions stay.",
  ],
  examples: [
    { input: "vacuum", does: "make room" },
    { input: "vacuum --json", does: "for a script" },
  ],
  command: buildCommand<CommonFlags, [], CommandThis>({
    docs: { brief: "" },
    parameters: { flags: commonFlags },
    func: act({ name: "vacuum", long: true }, async ({ agent, session, print }) => {
      print(await agent.vacuum(session), renderVacuum);
      return exit.done;
    }),
  }),
};

// holdfast doctor [--deep] [--repair]: audits every boot entry and what it needs. Exit code 7 when errors are left.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { renderDoctor } from "../text/doctor.ts";

interface Flags extends CommonFlags {
  readonly deep: boolean;
  readonly repair: boolean;
}

export const page: CommandPage = {
  name: "doctor",
  brief: "Check every boot entry and what it needs; repair it",
  description: [
    "Looks at every boot entry: what it needs, whether that is there and intact, whether the boot loader will take it, whether the counters are sane, whether there is room, and what was left over. Reads what has changed since it was last verified; with --deep, reads everything.",
    "With --repair it fetches what is missing or damaged and restores a way back. A version that the repository does not offer any more is removed; where the repository cannot be reached, only the boot entry of what is damaged goes, and the rest waits for the next --repair or update. It works on the tree of a machine that is switched off, too. Ends with exit code 7 when errors are left.",
  ],
  examples: [
    { input: "doctor", does: "a quick look" },
    { input: "doctor --deep", does: "read every byte and compare" },
    { input: "doctor --repair --root=/mnt", does: "repair a machine from a rescue system" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        deep: { ...onOff, brief: "Read everything and compare it" },
        repair: { ...onOff, brief: "Repair what can be repaired" },
        ...commonFlags,
      },
    },
    func: act<Flags, []>(
      { name: "doctor", long: true, keeps: true },
      async ({ agent, session, print }, { deep, repair }) => {
        const report = await agent.doctor(session, { deep, repair });
        print(report, renderDoctor);
        return report.healthy ? exit.done : exit.finding;
      },
    ),
  }),
};

// holdfast boot ACTION: what systemd's units call around boot-complete.target (packaging/systemd; P8).
import { buildCommand } from "@stricli/core";
import { act, type Call } from "../act.ts";
import { checkTimesOf, type HealthFlags, healthFlags } from "../check-flags.ts";
import type { CommandThis } from "../context.ts";
import { exit, type ExitCode } from "../exit-code.ts";
import { commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { choiceArgument } from "../parse.ts";
import { renderConfirm, renderGiveBack, renderReject } from "../text/boot.ts";
import { renderHealth } from "../text/health.ts";

type Action = "assess" | "confirm" | "give-back" | "reject";

const deeds: Readonly<Record<Action, (call: Call, flags: HealthFlags) => Promise<ExitCode>>> = {
  assess: async ({ agent, session, print }, flags) => {
    const report = await agent.bootAssess(session, checkTimesOf(flags));
    print(report, renderHealth);
    return report.verdict === "good" ? exit.done : exit.finding;
  },
  confirm: async ({ agent, session, print }) => {
    const report = await agent.bootConfirm(session);
    print(report, renderConfirm);
    if (report.blessing === "blessed") return exit.done;
    return report.blessing === "not-judged" ? exit.finding : exit.failed;
  },
  "give-back": async ({ agent, session, print }) => {
    const report = await agent.bootGiveBack(session);
    print(report, renderGiveBack);
    return report.entry === undefined ? exit.nothing : exit.done;
  },
  reject: async ({ agent, session, print }) => {
    const report = await agent.bootReject(session);
    print(report, renderReject);
    return report.startsAgain ? exit.finding : exit.done;
  },
};

const actions = Object.keys(deeds) as readonly Action[];

export const page: CommandPage = {
  name: "boot",
  brief: "Judge this boot, and settle what follows (for systemd's units)",
  description: [
    "`assess` runs the health checks and records the verdict: exit code 0 for a good boot, 7 for a bad one. `confirm` comes after systemd-bless-boot and reads the outcome back from the ESP: exit code 0 when the entry carries no counter, 1 when the boot was found good and the ESP says otherwise, 7 when it was not found good. It also records what was given up, keeps the list of known good entries, and replaces the boot loader, one copy in a boot.",
    "`reject` says what follows from a boot that was not found good: exit code 7 when the machine is to start again, 0 when it stays up. `give-back` returns the try of a boot that is shut down before it was judged: exit code 0 when a try was given back, 3 when there was none.",
  ],
  examples: [
    { input: "boot assess", does: "what holdfast-boot.service does" },
    { input: "boot confirm --json", does: "was this boot really marked good?" },
  ],
  command: buildCommand<HealthFlags, [action: Action], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: { ...healthFlags, ...commonFlags },
      positional: {
        kind: "tuple",
        parameters: [{ parse: choiceArgument("an action", actions), placeholder: actions.join("|"), brief: "" }],
      },
    },
    func: act<HealthFlags, [action: Action]>({ name: "boot" }, (call, flags, action) => deeds[action](call, flags)),
  }),
};

// holdfast hold [UNTIL]: no updates until a date, or until they are released.
import { dateText } from "../../base/date-text.ts";
import { buildCommand } from "@stricli/core";
import { Fault } from "../../base/fault.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { untilArgument } from "../parse.ts";
import { spanText } from "../units.ts";

interface Flags extends CommonFlags {
  readonly off: boolean;
}

export const page: CommandPage = {
  name: "hold",
  brief: "No updates for a while",
  description: [
    "Holds updates until UNTIL, a length of time (12h, 7d, 2w) or a date (2031-01-31, local time), or until they are released with --off. A hold does not stop `rollback` or `doctor --repair`.",
  ],
  examples: [
    { input: "hold 7d", does: "no updates for a week" },
    { input: "hold 2031-01-31", does: "none before that day" },
    { input: "hold", does: "none until further notice" },
    { input: "hold --off", does: "updates may go on" },
  ],
  command: buildCommand<Flags, [until?: number], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        off: { ...onOff, brief: "Release the hold" },
        ...commonFlags,
      },
      positional: {
        kind: "tuple",
        parameters: [
          {
            parse(this: CommandThis, text: string): number {
              return untilArgument(text, this.cli.nowMs);
            },
            placeholder: "UNTIL",
            brief: "",
            optional: true,
          },
        ],
      },
    },
    func: act<Flags, [until?: number]>({ name: "hold" }, async ({ agent, session, print, look }, { off }, untilMs) => {
      if (off && untilMs !== undefined) {
        throw new Fault("usage", "Cannot hold and release updates at once", {
          hint: "Give either a date or --off.",
          kind: "usage",
        });
      }
      if (off) {
        await agent.release(session);
        print({ held: false, untilMs: null }, () => "Updates are no longer held.\n");
        return exit.done;
      }
      await agent.hold(session, untilMs);
      const when =
        untilMs === undefined
          ? "until they are released with `holdfast hold --off`"
          : `until ${dateText(untilMs)}, for ${spanText(untilMs - look.nowMs)}`;
      print({ held: true, untilMs: untilMs ?? null }, () => `Updates are held ${when}.\n`);
      return exit.done;
    }),
  }),
};

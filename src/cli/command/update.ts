// holdfast update [VERSION]: the life of an update (DESIGN), or its plan.
import { buildCommand } from "@stricli/core";
import type { Settings } from "../../agent/session.ts";
import { scruples, type Scruple } from "../../domain/scruple.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { type ExitCode, exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff, versionIfAny } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { choiceArgument, pathArgument, rateArgument, secondsArgument, urlArgument } from "../parse.ts";
import { rebootInto } from "../reboot.ts";
import { renderUpdate } from "../text/update.ts";

interface Flags extends CommonFlags {
  readonly dryRun: boolean;
  readonly from?: string;
  readonly seed?: readonly string[];
  readonly chunkStore?: string;
  readonly offline: boolean;
  readonly reboot: boolean;
  readonly withoutWayBack: boolean;
  readonly maxRate?: number;
  readonly wait?: number;
  readonly automatic: boolean;
  readonly even?: readonly Scruple[];
}

/** The answer of a run that nobody waits for, at a time that is none for an update. */
function notNowReport(why: string): UpdateReport {
  return {
    outcome: "nothing-to-do",
    from: undefined,
    to: undefined,
    because: `this is no time for an update: ${why}`,
    wayBack: undefined,
    steps: [],
    space: [],
    downloadBytes: undefined,
    transferredBytes: 0,
    notices: [],
    findings: [],
    menu: [],
    bootsNext: undefined,
  };
}

/** Nothing to do is "no" when anything newer was asked for, and "so it is" when one version was. */
export function updateExitCode(report: UpdateReport, asked: string | undefined): ExitCode {
  switch (report.outcome) {
    case "nothing-to-do":
      return asked === undefined ? exit.nothing : exit.done;
    case "done-with-finding":
      return exit.finding;
    case "done":
    case "planned":
    case "acquired":
      return exit.done;
  }
}

function settings(flags: Flags, place: (text: string) => string): Partial<Settings> {
  return {
    offline: flags.offline,
    lockWaitMs: flags.wait ?? 0,
    ...(flags.from === undefined ? {} : { from: place(flags.from) }),
    ...(flags.seed === undefined ? {} : { seedFiles: flags.seed.map(place) }),
    ...(flags.chunkStore === undefined ? {} : { chunkStore: flags.chunkStore }),
    ...(flags.maxRate === undefined ? {} : { maxRateBytesPerSecond: flags.maxRate }),
  };
}

export const page: CommandPage = {
  name: "update",
  brief: "Bring in a version, prove it, and let it boot next",
  description: [
    "Brings in VERSION, or the newest one: proves the way back first, downloads, installs the boot entry last, reads everything back, and reports success only when the new version is what boots next. Old versions go afterwards.",
    "It can be interrupted at any moment, by Ctrl-C or by pulling the plug; run it again and it goes on from there.",
  ],
  examples: [
    { input: "update", does: "the newest version" },
    { input: "update --dry-run", does: "show the plan and the space it needs, change nothing" },
    { input: "update 24.2 --reboot", does: "this version, then reboot into it" },
    { input: "update --from=/media/usb", does: "from a stick, verified like a download" },
    { input: "update --max-rate=2M", does: "at most 2 MiB a second" },
  ],
  command: buildCommand<Flags, [version?: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        dryRun: { ...onOff, brief: "Show the plan and change nothing" },
        from: {
          kind: "parsed",
          parse: pathArgument,
          brief: "Take everything from this folder",
          placeholder: "DIR",
          optional: true,
        },
        seed: {
          kind: "parsed",
          parse: pathArgument,
          variadic: true,
          brief: "Take what it has of the new version from this file; may be given again",
          placeholder: "FILE",
          optional: true,
        },
        chunkStore: {
          kind: "parsed",
          parse: urlArgument,
          brief: "Where the chunks lie whose index SHA256SUMS lists beside an image",
          placeholder: "URL",
          optional: true,
        },
        offline: { ...onOff, brief: "Use only what was downloaded before" },
        reboot: { ...onOff, brief: "Reboot into the new version when it is done" },
        withoutWayBack: { ...onOff, brief: "Update without a proven way back; this is recorded" },
        maxRate: {
          kind: "parsed",
          parse: rateArgument,
          brief: "At most this many bytes a second, such as 500K or 2M",
          placeholder: "RATE",
          optional: true,
        },
        wait: {
          kind: "parsed",
          parse: secondsArgument,
          brief: "Wait this long for another Holdfast to finish",
          placeholder: "SECONDS",
          optional: true,
        },
        automatic: { ...onOff, brief: "As the timer does: not while held, on trial, metered or on battery" },
        even: {
          kind: "parsed",
          parse: choiceArgument("what an automatic update may pass over", scruples),
          variadic: true,
          brief: "With --automatic: also when metered, or on battery; may be given again",
          placeholder: scruples.join("|"),
          optional: true,
        },
        ...commonFlags,
      },
      positional: versionIfAny,
    },
    func: act<Flags, [version?: string]>(
      { name: "update", long: true, keeps: true, settings },
      async ({ context, agent, session, print }, flags, version) => {
        const inTheWay = flags.automatic ? await agent.notNow(session, flags.even ?? []) : undefined;
        if (inTheWay !== undefined) {
          print(notNowReport(inTheWay), renderUpdate);
          return exit.nothing;
        }
        const report = await agent.update(session, {
          dryRun: flags.dryRun,
          withoutWayBack: flags.withoutWayBack,
          ...(version === undefined ? {} : { version }),
        });
        print(report, renderUpdate);
        if (flags.reboot && report.outcome === "done") await rebootInto(context, session, report.to);
        return updateExitCode(report, version);
      },
    ),
  }),
};

// What every command does around its own work: open the machine, run, print the answer, tell a failure, close.
import type { Machine } from "../port/machine.ts";
import type { Session, Settings } from "../agent/session.ts";
import type { Agent } from "./agent.ts";
import type { CliContext, CommandThis, Display } from "./context.ts";
import type { ExitCode } from "./exit-code.ts";
import { reportFailure } from "./fail.ts";
import type { CommonFlags } from "./flags.ts";
import { listenForInterrupts } from "./interrupt.ts";
import { jsonText } from "./json.ts";
import { type Look, wantsColour } from "./look.ts";
import { hostPath, machinePath } from "./place.ts";

export interface Act<F extends CommonFlags> {
  /** As in `holdfast NAME`, for messages. */
  readonly name: string;
  /** Long work shows its progress. */
  readonly long?: boolean;
  /** Being stopped leaves something to go on from; or a sentence that says what it leaves. */
  readonly keeps?: boolean | string;
  /** Settings beyond the common ones. */
  readonly settings?: (flags: F, place: (text: string) => string) => Partial<Settings>;
}

/** What the body of a command works with. */
export interface Call {
  readonly context: CliContext;
  readonly agent: Agent;
  readonly session: Session;
  readonly look: Look;
  /** The answer: JSON, or the text drawn from the same report. */
  readonly print: <R>(report: R, draw: (report: R, look: Look) => string) => void;
}

export function lookOf(context: CliContext, noColor = false): Look {
  return {
    colour: !noColor && wantsColour(context.stdoutIsTerminal, context.process.env),
    columns: Math.max(40, context.columns),
    nowMs: context.nowMs,
  };
}

function displayFor(context: CliContext, flags: CommonFlags, long: boolean): Display {
  if (!long || flags.json) return "none";
  return context.stderrIsTerminal ? "live" : "lines";
}

/** Opens the machine that the common options name. */
async function openMachine(context: CliContext, flags: CommonFlags, long: boolean): Promise<Machine & AsyncDisposable> {
  return context.openMachine({
    root: flags.root === undefined ? undefined : hostPath(flags.root, context.workingFolder),
    display: displayFor(context, flags, long),
    colour: !flags.noColor && wantsColour(context.stderrIsTerminal, context.process.env),
    progressFd: flags.progressFd,
  });
}

function settingsFor<F extends CommonFlags>(context: CliContext, act: Act<F>, flags: F): Settings {
  const root = flags.root === undefined ? undefined : hostPath(flags.root, context.workingFolder);
  const place = (text: string): string => machinePath(text, root, context.workingFolder);
  return {
    live: root === undefined || root === "/",
    ...(flags.component === undefined ? {} : { component: flags.component }),
    ...(flags.definitions === undefined ? {} : { definitionsFolder: place(flags.definitions) }),
    ...act.settings?.(flags, place),
  };
}

/** Makes the function that stricli calls; it leaves the exit code in the context and never throws. */
export function act<F extends CommonFlags, A extends readonly unknown[]>(
  what: Act<F>,
  body: (call: Call, flags: F, ...rest: A) => Promise<ExitCode>,
): (this: CommandThis, flags: F, ...rest: A) => Promise<void> {
  return async function run(this: CommandThis, flags: F, ...rest: A): Promise<void> {
    const context = this.cli;
    using interrupts = listenForInterrupts(context, `holdfast ${what.name}`, what.keeps ?? false);
    try {
      await using machine = await openMachine(context, flags, what.long ?? false);
      const look = lookOf(context, flags.noColor);
      const session: Session = { machine, settings: settingsFor(context, what, flags), signal: interrupts.signal };
      const call: Call = {
        context,
        agent: context.agent,
        session,
        look,
        print: (report, draw) => context.process.stdout.write(flags.json ? jsonText(report) : draw(report, look)),
      };
      context.process.exitCode = await body(call, flags, ...rest);
    } catch (thrown) {
      const told: unknown = interrupts.signal.aborted ? interrupts.signal.reason : thrown;
      const style = { program: "holdfast", json: flags.json, verbose: flags.verbose };
      context.process.exitCode = reportFailure(context, told, style);
    }
  };
}

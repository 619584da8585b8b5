// How a failure is told: a sentence and a hint for people, one value for programs, and an exit code for both.
import { Fault } from "../base/fault.ts";
import type { CliContext } from "./context.ts";
import { type ExitCode, exit, exitCodeOf } from "./exit-code.ts";
import { jsonText } from "./json.ts";
import { paint, wantsColour } from "./look.ts";

export interface FailureStyle {
  /** What the line begins with: `holdfast`, or the name it stands in for. */
  readonly program: string;
  readonly json: boolean;
  /** Causes and stacks too. */
  readonly verbose: boolean;
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly exitCode: ExitCode;
}

const bugHint =
  "This is a bug in Holdfast, and nothing you did. Please report it with the file that `holdfast report` writes and what `--verbose` adds here.";

function describe(thrown: unknown): Failure {
  if (thrown instanceof Fault) {
    const { code, message, hint, details, kind } = thrown;
    return { code, message, hint, details, exitCode: exitCodeOf(kind) };
  }
  const state = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: "bug", message: `Cannot go on: ${state}`, hint: bugHint, details: {}, exitCode: exit.failed };
}

/** The chain of causes, at most ten, each on a line; the stack of the last one when it is not a Fault. */
function causes(thrown: unknown): string {
  let text = "";
  let error = thrown;
  for (let depth = 0; depth < 10 && error instanceof Error; depth += 1) {
    if (depth > 0) text += `  because: ${error.message}\n`;
    if (error.cause === undefined && !(error instanceof Fault)) text += `${error.stack ?? ""}\n`;
    error = error.cause;
  }
  return text;
}

/** Writes the failure and returns its exit code. */
export function reportFailure(context: CliContext, thrown: unknown, style: FailureStyle): ExitCode {
  const { code, message, hint, details, exitCode } = describe(thrown);
  const { stdout, stderr, env } = context.process;
  if (style.json) {
    stdout.write(jsonText({ error: { code, message, hint, details } }));
  } else {
    const look = { colour: wantsColour(context.stderrIsTerminal, env), columns: context.columns, nowMs: context.nowMs };
    stderr.write(`${paint(look, "red", `${style.program}:`)} ${message}\n`);
    if (hint !== undefined) stderr.write(`${hint}\n`);
  }
  if (style.verbose) stderr.write(causes(thrown));
  return exitCode;
}

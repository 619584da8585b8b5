// The exit codes of every command (DESIGN, "Contracts"); docs/exit-codes.md says the same, and a test compares the two.
// `sysupdate` keeps systemd's instead: 0 or 1.
import { exit, type ExitCode } from "../base/exit-code.ts";
import type { FaultKind } from "../base/fault.ts";

export interface ExitCodeLine {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
}

export const exitCodes: readonly ExitCodeLine[] = [
  { code: 0, name: "done", meaning: "Done, or the answer is yes." },
  { code: 1, name: "failed", meaning: "It failed; the message says what and why." },
  { code: 2, name: "usage", meaning: "The command line or a value in it cannot be understood; nothing was touched." },
  { code: 3, name: "nothing", meaning: "There is nothing newer, or the answer is no." },
  { code: 4, name: "refused", meaning: "Refused, because a promise of Holdfast would not hold; nothing was changed." },
  { code: 5, name: "interrupted", meaning: "Interrupted; the same command goes on from there." },
  { code: 6, name: "busy", meaning: "Another Holdfast is at work on this machine." },
  { code: 7, name: "finding", meaning: "Done, but something was found that needs a look." },
];

export { exit, type ExitCode };

/** The exit code of a Fault. */
export function exitCodeOf(kind: FaultKind): ExitCode {
  return exit[kind];
}

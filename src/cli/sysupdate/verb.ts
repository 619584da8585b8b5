// What a verb of systemd-sysupdate is given, and what all verbs share.
import { Fault } from "../../base/fault.ts";
import type { Session } from "../../agent/session.ts";
import type { CliContext } from "../context.ts";
import type { Look } from "../look.ts";
import type { SysupdateOptions } from "./options.ts";
import { sysupdateJson } from "./json.ts";

export interface VerbCall {
  readonly context: CliContext;
  readonly session: Session;
  readonly options: SysupdateOptions;
  readonly look: Look;
  readonly utf8: boolean;
}

/** systemd's exit codes: 0, or 1 for "no" and for every failure. */
export type VerbExit = 0 | 1;

export type Verb = (call: VerbCall) => Promise<VerbExit>;

/** To standard output. */
function print(call: VerbCall, text: string): void {
  call.context.process.stdout.write(text);
}

/** What systemd logs: to standard error, so that output stays for scripts. */
export function log(call: VerbCall, message: string): void {
  call.context.process.stderr.write(`${message}\n`);
}

/** The answer as JSON where that was asked for, otherwise as text. */
export function answer(call: VerbCall, value: Parameters<typeof sysupdateJson>[0], text: () => string): void {
  const { json } = call.options;
  print(call, json === "off" ? text() : sysupdateJson(value, json));
}

export function refuse(message: string, hint?: string): Fault {
  return new Fault("usage", message, { kind: "usage", ...(hint === undefined ? {} : { hint }) });
}

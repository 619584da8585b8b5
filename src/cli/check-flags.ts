// The options of commands that run health checks: how long they may take.
import type { FlagParametersForType } from "@stricli/core";
import type { CheckTimes } from "../agent/boot/check/run-checks.ts";
import type { CommandThis } from "./context.ts";
import type { CommonFlags } from "./flags.ts";
import { secondsArgument } from "./parse.ts";

interface OwnFlags {
  readonly deadline?: number;
  readonly checkTime?: number;
}

export interface HealthFlags extends CommonFlags, OwnFlags {}

export const healthFlags: FlagParametersForType<OwnFlags, CommandThis> = {
  deadline: {
    kind: "parsed",
    parse: secondsArgument,
    brief: "All checks together may take this long (300)",
    placeholder: "SECONDS",
    optional: true,
  },
  checkTime: {
    kind: "parsed",
    parse: secondsArgument,
    brief: "Each program may take this long (60)",
    placeholder: "SECONDS",
    optional: true,
  },
};

export function checkTimesOf({ deadline, checkTime }: HealthFlags): Partial<CheckTimes> {
  return {
    ...(deadline === undefined ? {} : { deadlineMs: deadline }),
    ...(checkTime === undefined ? {} : { programMs: checkTime }),
  };
}

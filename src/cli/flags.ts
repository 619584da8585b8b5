// The options that every command takes.
import type { FlagParametersForType } from "@stricli/core";
import type { CommandThis } from "./context.ts";
import { componentArgument, descriptorArgument, pathArgument } from "./parse.ts";

export interface CommonFlags {
  readonly json: boolean;
  readonly root?: string;
  readonly component?: string;
  readonly definitions?: string;
  readonly progressFd?: number;
  readonly noColor: boolean;
  readonly verbose: boolean;
}

export const commonFlags: FlagParametersForType<CommonFlags, CommandThis> = {
  json: { kind: "boolean", brief: "Print one JSON value", withNegated: false, default: false },
  root: {
    kind: "parsed",
    parse: pathArgument,
    brief: "Work on the tree of another machine",
    placeholder: "DIR",
    optional: true,
  },
  component: {
    kind: "parsed",
    parse: componentArgument,
    brief: "Read sysupdate.NAME.d instead of sysupdate.d",
    placeholder: "NAME",
    optional: true,
  },
  definitions: {
    kind: "parsed",
    parse: pathArgument,
    brief: "Read definitions from this folder only",
    placeholder: "DIR",
    optional: true,
  },
  progressFd: {
    kind: "parsed",
    parse: descriptorArgument,
    brief: "Write progress as JSON Lines to descriptor N",
    placeholder: "N",
    optional: true,
  },
  noColor: { kind: "boolean", brief: "No colours, as with NO_COLOR=1", withNegated: false, default: false },
  verbose: { kind: "boolean", brief: "Say the causes of a failure too", withNegated: false, default: false },
};

/** Names of the common options, in the order of the help text. */
export const commonNames: readonly string[] = Object.keys(commonFlags);

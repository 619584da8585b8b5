// The options that every command takes.
import type { FlagParametersForType, TypedPositionalParameters } from "@stricli/core";
import type { CommandThis } from "./context.ts";
import { componentArgument, descriptorArgument, pathArgument, versionArgument } from "./parse.ts";

export interface CommonFlags {
  readonly json: boolean;
  readonly root?: string;
  readonly component?: string;
  readonly definitions?: string;
  readonly progressFd?: number;
  readonly noColor: boolean;
  readonly verbose: boolean;
}

/** An option that is there or is not; a brief makes it whole. */
export const onOff = { kind: "boolean", withNegated: false, default: false } as const;

/** For commands that make another version boot next. */
export const rebootFlag = {
  kind: "boolean",
  withNegated: false,
  default: false,
  brief: "Reboot into it when it is done",
} as const;

const version = { parse: versionArgument, placeholder: "VERSION", brief: "" } as const;

export const oneVersion: TypedPositionalParameters<[version: string], CommandThis> = {
  kind: "tuple",
  parameters: [version],
};

export const versionIfAny: TypedPositionalParameters<[version?: string], CommandThis> = {
  kind: "tuple",
  parameters: [{ ...version, optional: true }],
};

export const commonFlags: FlagParametersForType<CommonFlags, CommandThis> = {
  json: { ...onOff, brief: "Print one JSON value" },
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
  noColor: { ...onOff, brief: "No colours, as with NO_COLOR=1" },
  verbose: { ...onOff, brief: "Say the causes of a failure too" },
};

/** Names of the common options, in the order of the help text. */
export const commonNames: readonly string[] = Object.keys(commonFlags);

// The commands as the manual, the completions and the tests of the documentation see them: from the table that
// bin/holdfast itself runs by, so that nothing about an option is written twice.
import { commandPages } from "../../src/cli/app.ts";
import { commonNames } from "../../src/cli/flags.ts";
import type { CommandPage } from "../../src/cli/help.ts";
import { briefs } from "../../src/cli/overview.ts";
import { sysupdateSpecs } from "../../src/cli/sysupdate/options.ts";
import { verbs } from "../../src/cli/sysupdate/verbs.ts";

export interface OptionLine {
  /** Without dashes. */
  readonly name: string;
  readonly short?: string;
  /** What stands for its value; absent where it takes none. */
  readonly value?: string;
  readonly brief: string;
  /** What counts where it is not given. */
  readonly standard?: string;
  /** Every command has it. */
  readonly common: boolean;
}

export interface ArgumentLine {
  /** A placeholder such as `VERSION`, or words such as `list|lift`. */
  readonly name: string;
  readonly optional: boolean;
  readonly repeated: boolean;
}

export interface CommandLine {
  /** `update`, `repo add`. */
  readonly name: string;
  readonly brief: string;
  /** Paragraphs with backticks. */
  readonly description: readonly string[];
  readonly examples: readonly { readonly input: string; readonly does: string }[];
  readonly arguments: readonly ArgumentLine[];
  /** The arguments as its help shows them. */
  readonly usage: string;
  readonly options: readonly OptionLine[];
}

function optionName(internal: string): string {
  return internal.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionsOf(page: CommandPage): readonly OptionLine[] {
  const { flags = {}, aliases = {} } = page.command.parameters;
  const own = Object.entries(flags).map(([name, flag]): OptionLine => {
    const short = Object.entries(aliases).find(([, target]) => target === name)?.[0];
    const standard = "default" in flag && typeof flag.default === "string" ? flag.default : "";
    // What is on by itself can only be switched off.
    const negated = flag.kind === "boolean" && "default" in flag && flag.default === true;
    return {
      name: `${negated ? "no-" : ""}${optionName(name)}`,
      ...(short === undefined ? {} : { short }),
      ...(flag.kind === "parsed" ? { value: flag.placeholder ?? "VALUE" } : {}),
      ...(flag.kind === "enum" ? { value: flag.values.join("|") } : {}),
      brief: flag.brief,
      ...(standard === "" ? {} : { standard }),
      common: commonNames.includes(name),
    };
  });
  return [...own, { name: "help", short: "h", brief: "Show this help", common: true }];
}

function argumentsOf(page: CommandPage): readonly ArgumentLine[] {
  const { positional } = page.command.parameters;
  if (positional === undefined) return [];
  if (positional.kind === "array") {
    return [{ name: positional.parameter.placeholder ?? "ARGUMENT", optional: true, repeated: true }];
  }
  return positional.parameters.map(({ placeholder = "ARGUMENT", optional = false }) => ({
    name: placeholder,
    optional,
    repeated: false,
  }));
}

function usageOf(page: CommandPage, own: readonly ArgumentLine[]): string {
  if (page.usage !== undefined) return page.usage;
  return own.map(({ name, optional, repeated }) => (optional ? `[${name}]` : name) + (repeated ? "..." : "")).join(" ");
}

function lineOf(page: CommandPage): CommandLine {
  const { name, brief, description, examples } = page;
  const own = argumentsOf(page);
  return { name, brief, description, examples, arguments: own, usage: usageOf(page, own), options: optionsOf(page) };
}

/** The stand-in has verbs and options of its own. */
const sysupdate: CommandLine = {
  name: "sysupdate",
  brief: briefs.find(([name]) => name === "sysupdate")?.[1] ?? "",
  description: [
    "Takes the command lines of systemd-sysupdate and answers in its words, its JSON and its exit codes: 0, or 1 for `no` and for every failure. The same happens where Holdfast is called by the name `systemd-sysupdate`.",
  ],
  examples: [
    { input: "sysupdate list", does: "what systemd-sysupdate would list" },
    { input: "sysupdate check-new", does: "is there a newer version?" },
  ],
  arguments: [
    { name: Object.keys(verbs).join("|"), optional: true, repeated: false },
    { name: "ARGUMENT", optional: true, repeated: true },
  ],
  usage: "[VERB [ARGUMENT]...]",
  options: sysupdateSpecs.map(({ name, short, value, brief }) => ({
    name,
    ...(short === undefined ? {} : { short }),
    ...(value === undefined ? {} : { value }),
    brief,
    common: false,
  })),
};

/** In the order of the overview. */
export const commandLines: readonly CommandLine[] = [...(await commandPages()).map(lineOf), sysupdate];

/** First words of commands that have two. */
export const commandGroups: readonly string[] = [
  ...new Set(commandLines.flatMap(({ name }) => (name.includes(" ") ? [name.split(" ")[0] ?? ""] : []))),
];

/** Verbs of `sysupdate`. */
export const sysupdateVerbs: readonly { readonly name: string; readonly usage: string; readonly brief: string }[] =
  Object.entries(verbs).map(([name, { usage, brief }]) => ({ name, usage, brief }));

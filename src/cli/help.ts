// `holdfast COMMAND --help`: usage, what it does, options, examples. Pure text.
import type { Command } from "@stricli/core";
import type { CommandThis } from "./context.ts";
import { commonNames } from "./flags.ts";
import { type Look, paint, wrap } from "./look.ts";
import { table } from "./table.ts";

export interface Example {
  /** Without the leading `holdfast`. */
  readonly input: string;
  readonly does: string;
}

/** A command and what its help says. */
export interface CommandPage {
  readonly name: string;
  /** One line for the overview, without a full stop. */
  readonly brief: string;
  /** Its arguments, where their list alone does not tell. */
  readonly usage?: string;
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly examples: readonly Example[];
  readonly command: Command<CommandThis>;
}

/** `progressFd` as it is typed: `progress-fd`. */
function optionName(internal: string): string {
  return internal.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Names of all options of a command, as they are typed. */
export function optionNames(page: CommandPage): readonly string[] {
  return [...Object.keys(page.command.parameters.flags ?? {}).map(optionName), "help"];
}

/** The values of an option that takes one of a few. */
function choices(flag: { readonly kind: string; readonly values?: readonly string[] }): string {
  return flag.kind === "enum" ? `=${(flag.values ?? []).join("|")}` : "";
}

/** What counts where the option is not given. */
function defaultOf(flag: { readonly kind: string; readonly default?: unknown }): string {
  return typeof flag.default === "string" && flag.default !== "" ? ` [${flag.default}]` : "";
}

function optionRows(page: CommandPage, common: boolean): readonly (readonly [string, string])[] {
  const { flags = {}, aliases = {} } = page.command.parameters;
  const rows = Object.entries(flags)
    .filter(([name]) => commonNames.includes(name) === common)
    .map(([name, flag]) => {
      const short = Object.entries(aliases).find(([, target]) => target === name)?.[0];
      const value = flag.kind === "parsed" ? `=${flag.placeholder ?? "VALUE"}` : choices(flag);
      return [
        `${short === undefined ? "" : `-${short}, `}--${optionName(name)}${value}`,
        flag.brief + defaultOf(flag),
      ] as const;
    });
  return common ? [...rows, ["-h, --help", "Show this help"]] : rows;
}

function usageArguments(page: CommandPage): string {
  if (page.usage !== undefined) return ` ${page.usage}`;
  const { positional } = page.command.parameters;
  if (positional === undefined) return "";
  if (positional.kind === "array") return ` [${positional.parameter.placeholder ?? "ARGUMENT"}]...`;
  return positional.parameters
    .map((parameter) => {
      const name = parameter.placeholder ?? "ARGUMENT";
      return parameter.optional === true ? ` [${name}]` : ` ${name}`;
    })
    .join("");
}

export function renderHelp(page: CommandPage, look: Look): string {
  const section = (title: string, rows: readonly (readonly [string, string])[]): string =>
    rows.length === 0 ? "" : `\n${paint(look, "bold", title)}\n${table(rows, look, { indent: "  " })}\n`;
  const paragraphs = page.description.map((text) => `\n${wrap(text, look.columns)}\n`).join("");
  const examples = page.examples.map(({ input, does }) => [`holdfast ${input}`, does] as const);
  return (
    `Usage: holdfast ${page.name}${usageArguments(page)} [OPTION]...\n` +
    paragraphs +
    section("Options", optionRows(page, false)) +
    section("Common options", optionRows(page, true)) +
    section("Examples", examples)
  );
}

// Options as GNU getopt_long takes them: anywhere among the arguments, `--opt=value` and `--opt value`, `-C x`, `-Cx`,
// `-Ar` bundled, unambiguous beginnings of long names, `--` as the end. Messages are getopt's.
import { Fault } from "../../base/fault.ts";

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  readonly takesValue: boolean;
}

export interface ParsedOption {
  readonly name: string;
  /** Present exactly when the option takes one. */
  readonly value?: string;
}

export interface Parsed {
  /** In the order given: a later one overrides an earlier one. */
  readonly options: readonly ParsedOption[];
  readonly operands: readonly string[];
}

function refuse(message: string): Fault {
  return new Fault("usage", message, { kind: "usage", hint: "`--help` lists the options." });
}

function findLong(typed: string, specs: readonly OptionSpec[]): OptionSpec {
  const exact = specs.find(({ name }) => name === typed);
  if (exact !== undefined) return exact;
  const begun = specs.filter(({ name }) => name.startsWith(typed));
  if (begun.length === 1 && begun[0] !== undefined) return begun[0];
  if (begun.length === 0) throw refuse(`unrecognized option '--${typed}'`);
  const names = begun.map(({ name }) => `'--${name}'`).join(" ");
  throw refuse(`option '--${typed}' is ambiguous; possibilities: ${names}`);
}

/** Splits a command line; throws a Fault of kind "usage" with getopt's words. */
export function getopt(argv: readonly string[], specs: readonly OptionSpec[]): Parsed {
  const options: ParsedOption[] = [];
  const operands: string[] = [];
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") operands.push(...rest.splice(0));
    else if (word.startsWith("--")) options.push(longOption(word.slice(2), rest, specs));
    else if (word.startsWith("-") && word !== "-") options.push(...shortOptions(word.slice(1), rest, specs));
    else operands.push(word);
  }
  return { options, operands };
}

function longOption(word: string, rest: string[], specs: readonly OptionSpec[]): ParsedOption {
  const equals = word.indexOf("=");
  const spec = findLong(equals === -1 ? word : word.slice(0, equals), specs);
  if (!spec.takesValue) {
    if (equals !== -1) throw refuse(`option '--${spec.name}' doesn't allow an argument`);
    return { name: spec.name };
  }
  const value = equals === -1 ? rest.shift() : word.slice(equals + 1);
  if (value === undefined) throw refuse(`option '--${spec.name}' requires an argument`);
  return { name: spec.name, value };
}

function shortOptions(letters: string, rest: string[], specs: readonly OptionSpec[]): readonly ParsedOption[] {
  const options: ParsedOption[] = [];
  for (const [index, letter] of [...letters].entries()) {
    const spec = specs.find(({ short }) => short === letter);
    if (spec === undefined) throw refuse(`invalid option -- '${letter}'`);
    if (!spec.takesValue) {
      options.push({ name: spec.name });
      continue;
    }
    const attached = [...letters].slice(index + 1).join("");
    const value = attached === "" ? rest.shift() : attached;
    if (value === undefined) throw refuse(`option requires an argument -- '${letter}'`);
    return [...options, { name: spec.name, value }];
  }
  return options;
}

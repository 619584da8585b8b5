// What cannot be understood on a command line, in one sentence with a suggestion each.
import {
  AliasNotFoundError,
  ArgumentParseError,
  EnumValidationError,
  FlagNotFoundError,
  InvalidNegatedFlagSyntaxError,
  UnexpectedFlagError,
  UnexpectedPositionalError,
  UnsatisfiedFlagError,
  UnsatisfiedPositionalError,
} from "@stricli/core";
import { Fault } from "../base/fault.ts";
import { suggest } from "./suggest.ts";
import { usageFault } from "./usage-fault.ts";

export function unknownCommand(typed: string, known: readonly string[]): Fault {
  const near = suggest(typed, known);
  return usageFault(
    `Cannot run ${JSON.stringify(typed.slice(0, 80))}: there is no such command`,
    near === undefined ? "`holdfast --help` lists the commands." : `Did you mean \`holdfast ${near}\`?`,
  );
}

/** `holdfast --root /mnt`, and no command behind it. */
export function withoutCommand(option: string): Fault {
  return usageFault(
    `Cannot run \`holdfast ${option.slice(0, 80)}\`: COMMAND is missing`,
    "`holdfast --help` lists the commands.",
  );
}

function oneOf(words: readonly string[]): string {
  return words.length > 1 ? `one of ${words.join(", ")}` : words.join("");
}

/** A first word that needs a second: `image` of `image build`. */
export function unfinishedCommand(group: string, own: readonly (readonly [name: string, brief: string])[]): Fault {
  const width = Math.max(...own.map(([name]) => name.length));
  const lines = own.map(([name, brief]) => `  holdfast ${name.padEnd(width)}  ${brief}`);
  return usageFault(
    `Cannot run \`holdfast ${group}\`: ${oneOf(own.map(([name]) => name.slice(group.length + 1)))} is missing`,
    ["Write one of:", ...lines].join("\n"),
  );
}

/** The Fault for an exception of stricli's argument scanner. `known` are the names of the command's options. */
export function usageFaultFor(thrown: unknown, command: string, known: readonly string[]): Fault {
  const help = `\`${command} --help\` shows how it is used.`;
  if (thrown instanceof FlagNotFoundError) {
    const near = suggest(thrown.input, known);
    return usageFault(
      `Cannot understand --${thrown.input}: \`${command}\` has no such option`,
      near === undefined ? help : `Did you mean --${near}? ${help}`,
    );
  }
  if (thrown instanceof AliasNotFoundError) {
    return usageFault(`Cannot understand -${thrown.input}: \`${command}\` has no such option`, help);
  }
  if (thrown instanceof ArgumentParseError) {
    if (thrown.exception instanceof Fault) return thrown.exception;
    const where = thrown.externalFlagNameOrPlaceholder;
    return usageFault(`Cannot read ${JSON.stringify(thrown.input.slice(0, 80))} as a value for --${where}`, help);
  }
  if (thrown instanceof EnumValidationError) {
    const typed = JSON.stringify(thrown.input.slice(0, 80));
    return usageFault(
      `Cannot read ${typed} as a value for --${thrown.externalFlagName}`,
      `Write one of: ${thrown.values.join(", ")}.`,
    );
  }
  if (thrown instanceof UnsatisfiedFlagError) {
    return usageFault(`Cannot use --${thrown.externalFlagName}: it needs a value`, help);
  }
  if (thrown instanceof UnexpectedFlagError) {
    return usageFault(`Cannot use --${thrown.externalFlagName} twice`, help);
  }
  if (thrown instanceof InvalidNegatedFlagSyntaxError) {
    return usageFault(`Cannot use --${thrown.externalFlagName} with a value`, help);
  }
  if (thrown instanceof UnexpectedPositionalError) {
    const extra = JSON.stringify(thrown.input.slice(0, 80));
    const takes = thrown.expectedCount === 0 ? "takes no argument" : "takes one argument only";
    return usageFault(`Cannot understand ${extra}: \`${command}\` ${takes}`, help);
  }
  if (thrown instanceof UnsatisfiedPositionalError) {
    return usageFault(`Cannot run \`${command}\`: ${oneOf(thrown.placeholder.split("|"))} is missing`, help);
  }
  throw thrown;
}

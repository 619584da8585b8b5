// What can stand for a placeholder of the command table, for all shells.
import type { ArgumentLine, CommandLine } from "./command-table.ts";

export type Values =
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "versions" | "components" | "files" | "folders" | "nothing" };

/** `kde|ab`, `VERSION`, `DIR`, `FILE` and what else the help shows. Of `DIR|URL` the shell knows the first. */
export function valuesOf(placeholder: string, option: string): Values {
  if (/^[a-z][a-z-]*(\|[a-z][a-z-]*)+$/.test(placeholder)) return { kind: "words", words: placeholder.split("|") };
  const [first = ""] = placeholder.split("|");
  switch (first) {
    case "VERSION":
      return { kind: "versions" };
    case "NAME":
      return { kind: option === "component" ? "components" : "nothing" };
    case "FILE":
    case "RECIPE":
    case "DISK":
    case "PLACE":
      return { kind: "files" };
    case "DIR":
    case "PATH":
      return { kind: "folders" };
    case "BOOL":
      return { kind: "words", words: ["yes", "no"] };
    case "MODE":
      return { kind: "words", words: ["pretty", "short", "off"] };
    default:
      return { kind: "nothing" };
  }
}

/** Arguments in their order; one that is repeated stands for all that follow. */
export function argumentsOf(line: CommandLine): readonly ArgumentLine[] {
  // `repo add` reads its folder as the first of its files.
  if (line.name === "repo add") return [{ name: "DIR", optional: false, repeated: false }, ...line.arguments];
  return line.arguments;
}

/** Prints the versions that a machine has, one a line; says nothing where it cannot. */
export const versionsCommand =
  'command holdfast list --offline --json 2>/dev/null | grep -o \'"version": *"[^"]*"\' | cut -d\'"\' -f4';

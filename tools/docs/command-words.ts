// Whether a command line that a page shows could be typed: is there such a command, and does it know these options?
import { commandGroups, commandLines } from "./command-table.ts";

/** Lines of shell as words, a list for each simple command; redirections are left out. */
export function simpleCommands(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [[]];
  const joined = text.replaceAll(/\\\n\s*/g, " ");
  for (const [token] of joined.matchAll(
    /'[^']*'|"[^"]*"|\$\([^)]*\)|&&|\|\||[|;&\n]|\d*[<>]+&?\s*\S*|[^\s'"|;&<>]+(?:'[^']*'|"[^"]*"|[^\s'"|;&<>])*/g,
  )) {
    if (/^(?:&&|\|\||[|;&\n])$/.test(token)) commands.push([]);
    else if (token.startsWith("#")) break;
    else if (!/^\d*[<>]/.test(token)) commands.at(-1)?.push(token.replaceAll(/^['"]|['"]$/g, ""));
  }
  return commands.filter((words) => words.length > 0);
}

/** The words behind `holdfast`, where that is what the command calls. */
export function holdfastWords(words: readonly string[]): readonly string[] | undefined {
  const at = words.findIndex((word) => !/^(?:sudo|exec|[A-Z_]+=.*)$/.test(word));
  return /^(?:\S*\/)?holdfast$/.test(words[at] ?? "") ? words.slice(at + 1) : undefined;
}

/** What is wrong with `holdfast WORDS`, in a clause; undefined when nothing is. Placeholders in capitals pass. */
export function commandProblem(words: readonly string[]): string | undefined {
  const plain = words.filter((word) => !word.startsWith("-"));
  const [first = "", second = ""] = plain;
  if (first === "" || first === "help" || /^[A-Z]/.test(first)) return undefined;
  const name = commandGroups.includes(first) ? `${first} ${second}` : first;
  if (commandGroups.includes(first) && (second === "" || /^[A-Z]/.test(second))) return undefined;
  const line = commandLines.find((command) => command.name === name);
  if (line === undefined) return `there is no command ${name}`;
  for (const word of words) {
    const [, option = "", value] = /^--([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (option === "") continue;
    const known = line.options.find((candidate) => candidate.name === option);
    if (known === undefined) return `${name} knows no --${option}`;
    if (value !== undefined && known.value === undefined) return `--${option} of ${name} takes no value`;
    const choices = known.value?.split("|") ?? [];
    if (choices.length > 1 && /^[a-z|]+$/.test(known.value ?? "") && value !== undefined && !choices.includes(value)) {
      return `--${option} of ${name} is one of ${choices.join(", ")}`;
    }
  }
  return undefined;
}

// The completion of zsh, in the words of _arguments.
import { commandGroups, type CommandLine, commandLines, type OptionLine } from "./command-table.ts";
import { shellWord } from "./complete-bash.ts";
import { argumentsOf, type Values, valuesOf, versionsCommand } from "./complete-values.ts";

function action(values: Values): string {
  switch (values.kind) {
    case "words":
      return `(${values.words.join(" ")})`;
    case "versions":
    case "components":
      return `_holdfast_${values.kind}`;
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "nothing":
      return " ";
  }
}

/** Text inside of a specification: colons and brackets have a meaning there. */
function told(text: string): string {
  return text.replaceAll("`", "").replaceAll(/[:[\]\\]/g, String.raw`\$&`);
}

function optionSpecs({ name, short, value, brief }: OptionLine): readonly string[] {
  const rest = value === undefined ? "" : `:${told(value)}:${action(valuesOf(value, name))}`;
  const long = `--${name}${value === undefined ? "" : "="}[${told(brief)}]${rest}`;
  return [long, ...(short === undefined ? [] : [`-${short}[${told(brief)}]${rest}`])];
}

function argumentSpecs(line: CommandLine): readonly string[] {
  return argumentsOf(line).map(({ name, optional, repeated }, index) => {
    const place = repeated ? "*:" : `${index + 1}:${optional ? ":" : ""}`;
    return `${place}${told(name)}:${action(valuesOf(name, ""))}`;
  });
}

function caseOf(line: CommandLine): string {
  const specs = [...line.options.flatMap(optionSpecs), ...argumentSpecs(line)];
  return `    ${shellWord(line.name)})\n      _arguments -s -S : \\\n${specs.map((spec) => `        ${shellWord(spec)}`).join(" \\\n")} ;;\n`;
}

/** A list of \`word:what it does\`. */
function described(rows: readonly (readonly [word: string, brief: string])[]): string {
  return rows
    .map(
      ([word, brief]) => `    ${shellWord(`${word}:${brief.replaceAll("`", "").replaceAll(":", String.raw`\:`)}`)}\n`,
    )
    .join("");
}

export function completeZsh(): string {
  const single = commandLines
    .filter(({ name }) => !name.includes(" "))
    .map(({ name, brief }) => [name, brief] as const);
  const groups = commandGroups.map((group) => {
    const own = commandLines.filter(({ name }) => name.startsWith(`${group} `));
    const rows = own.map(({ name, brief }) => [name.slice(group.length + 1), brief] as const);
    return `  if [[ $command == ${group} ]]; then\n    if ((CURRENT == 2)); then\n      own=(\n${described(rows)}      )\n      _describe command own\n      return\n    fi\n    command+=" $words[2]"\n    shift words\n    ((CURRENT--))\n  fi\n`;
  });
  return `#compdef holdfast
# zsh completion for holdfast. Made by tools/docs/completions.ts

_holdfast_versions() {
  local -a versions
  versions=(\${(f)"$(${versionsCommand})"})
  compadd -a versions
}

_holdfast_components() {
  local -a names
  names=({/etc,/run,/usr/local/lib,/usr/lib}/sysupdate.*.d(N:t))
  names=(\${\${names#sysupdate.}%.d})
  compadd -a names
}

_holdfast() {
  local command
  local -a all own
  all=(
${described([...single, ...commandGroups.map((group) => [group, `Commands of holdfast ${group}`] as const), ["help", "Explain a command"]])}  )
  if ((CURRENT == 2)); then
    if [[ $PREFIX == -* ]]; then _arguments '--help[Show the commands]' '--version[Show the version]'
    else _describe command all
    fi
    return
  fi
  command=$words[2]
  shift words
  ((CURRENT--))
${groups.join("")}  case $command in
    help) _describe command all ;;
${commandLines.map(caseOf).join("")}  esac
}

if [[ $funcstack[1] == _holdfast ]]; then _holdfast "$@"; else compdef _holdfast holdfast; fi
`;
}

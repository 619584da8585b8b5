// The completion of bash.
import { commandGroups, commandLines, type CommandLine } from "./command-table.ts";
import { argumentsOf, type Values, valuesOf, versionsCommand } from "./complete-values.ts";

/** Quoted for a shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function action(values: Values): string {
  switch (values.kind) {
    case "words":
      return `_holdfast_words ${shellWord(values.words.join(" "))}`;
    case "versions":
    case "components":
    case "files":
    case "folders":
      return `_holdfast_${values.kind}`;
    case "nothing":
      return ":";
  }
}

function optionWords(line: CommandLine): string {
  return line.options
    .flatMap(({ name, short, value }) => [
      `--${name}${value === undefined ? "" : "="}`,
      ...(short === undefined ? [] : [`-${short}`]),
    ])
    .join(" ");
}

function caseOf(line: CommandLine): string {
  const values = line.options.flatMap(({ name, value }) =>
    value === undefined ? [] : [`        --${name}) ${action(valuesOf(value, name))} ;;\n`],
  );
  const positions = argumentsOf(line).map(({ name, repeated }, index) => {
    const place = repeated ? "*" : `${index}`;
    return `        ${place}) ${action(valuesOf(name, ""))} ;;\n`;
  });
  const inCase = (word: string, lines: readonly string[]): string =>
    lines.length === 0 ? "      :\n" : `      case ${word} in\n${lines.join("")}      esac\n`;
  return (
    `    ${shellWord(line.name)})\n` +
    `      if [[ $option ]]; then\n${inCase("$option", values).replaceAll(/^/gm, "  ").trimEnd()}\n` +
    `      elif [[ $cur == -* ]]; then _holdfast_words ${shellWord(optionWords(line))}\n` +
    `      else\n${inCase("$place", positions).replaceAll(/^/gm, "  ").trimEnd()}\n      fi ;;\n`
  );
}

/** Options whose value may be the next word. */
function valuedOf(line: CommandLine): string {
  const names = line.options.flatMap(({ name, value }) => (value === undefined ? [] : [`--${name}`]));
  return `    ${shellWord(line.name)}) echo ${shellWord(names.join(" "))} ;;\n`;
}

export function completeBash(): string {
  const first = [...new Set(commandLines.map(({ name }) => name.split(" ")[0] ?? ""))];
  const groups = commandGroups.map((group) => {
    const own = commandLines.filter(({ name }) => name.startsWith(`${group} `));
    return `    ${group}) _holdfast_words ${shellWord(own.map(({ name }) => name.slice(group.length + 1)).join(" "))} ;;\n`;
  });
  return `# bash completion for holdfast. Made by tools/docs/completions.ts

_holdfast_words() { mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur"); }
_holdfast_versions() { _holdfast_words "$(${versionsCommand})"; }
_holdfast_files() { mapfile -t COMPREPLY < <(compgen -f -- "$cur"); compopt -o filenames; }
_holdfast_folders() { mapfile -t COMPREPLY < <(compgen -d -- "$cur"); compopt -o filenames; }
_holdfast_components() {
  local folder names=
  for folder in {/etc,/run,/usr/local/lib,/usr/lib}/sysupdate.*.d; do
    [[ -d $folder ]] || continue
    folder=\${folder##*/sysupdate.}
    names+=" \${folder%.d}"
  done
  _holdfast_words "$names"
}

# Options of a command that take a value.
_holdfast_valued() {
  case $1 in
${commandLines.map(valuedOf).join("")}  esac
}

_holdfast() {
  local cur=\${COMP_WORDS[COMP_CWORD]} command= option= valued= place=0 word index=1
  COMPREPLY=()
  while ((index < COMP_CWORD)); do
    word=\${COMP_WORDS[index]}
    ((index++))
    case $word in
      -*)
        # bash cuts words at "=": --option, =, value.
        if [[ \${COMP_WORDS[index]} == = ]]; then ((index++))
        elif [[ " $valued " != *" $word "* ]]; then continue
        fi
        if ((index >= COMP_CWORD)); then option=$word; else ((index++)); fi ;;
      *)
        case $command in
          "") command=$word ;;
          ${commandGroups.join(" | ")}) command+=" $word" ;;
          *) ((place++)) ;;
        esac
        valued=$(_holdfast_valued "$command") ;;
    esac
  done
  [[ $cur == = ]] && cur=
  case $command in
    "")
      if [[ $cur == -* ]]; then _holdfast_words "--help --version"
      else _holdfast_words ${shellWord([...first, "help"].join(" "))}
      fi ;;
    help) _holdfast_words ${shellWord(first.join(" "))} ;;
${groups.join("")}${commandLines.map(caseOf).join("")}  esac
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]] && compopt -o nospace
  return 0
}

complete -F _holdfast holdfast
`;
}

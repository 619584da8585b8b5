// The completion of fish.
import { commandGroups, type CommandLine, commandLines } from "./command-table.ts";
import { argumentsOf, type Values, valuesOf, versionsCommand } from "./complete-values.ts";

function fishWord(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}

function action(values: Values): string {
  switch (values.kind) {
    case "words":
      return ` -xa ${fishWord(values.words.join(" "))}`;
    case "versions":
    case "components":
      return ` -xa '(__holdfast_${values.kind})'`;
    case "files":
      return " -rF";
    case "folders":
      return " -xa '(__fish_complete_directories)'";
    case "nothing":
      return " -x";
  }
}

function linesOf(line: CommandLine): readonly string[] {
  const when = `-n ${fishWord(`__holdfast_is ${line.name}`)}`;
  const options = line.options.map(({ name, short, value, brief }) => {
    const letter = short === undefined ? "" : ` -s ${short}`;
    const values = value === undefined ? "" : action(valuesOf(value, name));
    return `complete -c holdfast ${when} -l ${name}${letter}${values} -d ${fishWord(brief)}`;
  });
  const places = argumentsOf(line).flatMap(({ name, repeated }, index) => {
    const values = valuesOf(name, "");
    const there = `-n ${fishWord(`__holdfast_is ${line.name}; and __holdfast_at ${index}${repeated ? " on" : ""}`)}`;
    if (values.kind === "nothing") return [];
    return [
      `complete -c holdfast ${there}${values.kind === "files" ? " -F" : action(values).replace(" -xa ", " -a ")}`,
    ];
  });
  return [...options, ...places];
}

/** Options that take a value wherever they are known: the word after one is no argument. */
function alwaysValued(): string {
  const all = commandLines.flatMap(({ options }) => options);
  const bare = new Set(all.filter(({ value }) => value === undefined).map(({ name }) => name));
  return [...new Set(all.map(({ name }) => name))]
    .filter((name) => !bare.has(name))
    .map((name) => `--${name}`)
    .join(" ");
}

export function completeFish(): string {
  const first = commandLines.filter(({ name }) => !name.includes(" "));
  const groups = commandGroups.flatMap((group) => [
    `complete -c holdfast -n __holdfast_first -a ${group} -d ${fishWord(`Commands of holdfast ${group}`)}`,
    ...commandLines
      .filter(({ name }) => name.startsWith(`${group} `))
      .map(
        ({ name, brief }) =>
          `complete -c holdfast -n '__holdfast_is ${group}' -a ${name.slice(group.length + 1)} -d ${fishWord(brief)}`,
      ),
  ]);
  return `# fish completion for holdfast. Made by tools/docs/completions.ts

function __holdfast_versions
    ${versionsCommand}
end

function __holdfast_components
    for folder in /etc/sysupdate.*.d /run/sysupdate.*.d /usr/local/lib/sysupdate.*.d /usr/lib/sysupdate.*.d
        string replace -r '.*/sysupdate\\.(.*)\\.d$' '$1' $folder
    end
end

# The words before the one that is typed, without options: the command in its one or two words, then its arguments.
function __holdfast_words
    set -l words (commandline -opc)
    set -l before
    for word in $words[2..]
        if not string match -q -- '-*' $word; and not contains -- "$before" ${alwaysValued()}
            echo $word
        end
        set before $word
    end
end

function __holdfast_first
    test (count (__holdfast_words)) -eq 0
end

function __holdfast_is
    set -l words (__holdfast_words)
    set -l wanted (count $argv)
    test (count $words) -ge $wanted; or return 1
    test "$words[1..$wanted]" = "$argv"; or return 1
    # A group alone is only that.
    contains -- "$argv" ${commandGroups.join(" ")}; and test (count $words) -gt 1; and return 1
    return 0
end

# How many arguments of the command are there already; with "on", at least so many.
function __holdfast_at
    set -l words (__holdfast_words)
    set -l own 1
    contains -- $words[1] ${commandGroups.join(" ")}; and set own 2
    set -l there (math (count $words) - $own)
    if set -q argv[2]
        test $there -ge $argv[1]
    else
        test $there -eq $argv[1]
    end
end

complete -c holdfast -f
complete -c holdfast -n __holdfast_first -l help -s h -d 'Show the commands'
complete -c holdfast -n __holdfast_first -l version -d 'Show the version'
${[
  ...first.map(({ name, brief }) => `complete -c holdfast -n __holdfast_first -a ${name} -d ${fishWord(brief)}`),
  ...groups,
  `complete -c holdfast -n __holdfast_first -a help -d 'Explain a command'`,
  `complete -c holdfast -n '__holdfast_is help' -a ${fishWord([...first.map(({ name }) => name), ...commandGroups].join(" "))}`,
  ...commandLines.flatMap(linesOf),
].join("\n")}
`;
}

// `holdfast --root /mnt status` means `holdfast status --root /mnt`: options before the command go behind it.

const withValue = new Set(["--root", "--component", "--definitions", "--progress-fd"]);

export interface Hoisted {
  /** One word, or two where the first names a group (`image install`). `undefined`: there is none. */
  readonly command: string | undefined;
  readonly rest: readonly string[];
}

/** `groups` are the words that begin commands of two. */
export function hoist(argv: readonly string[], groups: ReadonlySet<string>): Hoisted {
  let index = 0;
  while (index < argv.length) {
    const word = argv[index] ?? "";
    if (!word.startsWith("-") || word === "--") break;
    index += withValue.has(word) ? 2 : 1;
  }
  const command = argv[index];
  if (command === undefined || command === "--") return { command: undefined, rest: argv };
  const second = argv[index + 1];
  const words = groups.has(command) && second !== undefined && !second.startsWith("-") ? 2 : 1;
  return {
    command: argv.slice(index, index + words).join(" "),
    rest: [...argv.slice(index + words), ...argv.slice(0, index)],
  };
}

// `holdfast --root /mnt status` means `holdfast status --root /mnt`: options before the command go behind it.

const withValue = new Set(["--root", "--component", "--definitions", "--progress-fd"]);

export interface Hoisted {
  /** `undefined`: there is none. */
  readonly command: string | undefined;
  readonly rest: readonly string[];
}

export function hoist(argv: readonly string[]): Hoisted {
  let index = 0;
  while (index < argv.length) {
    const word = argv[index] ?? "";
    if (!word.startsWith("-") || word === "--") break;
    index += withValue.has(word) ? 2 : 1;
  }
  const command = argv[index];
  if (command === undefined || command === "--") return { command: undefined, rest: argv };
  return { command, rest: [...argv.slice(index + 1), ...argv.slice(0, index)] };
}

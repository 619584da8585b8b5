// Makes a program of an unpacked package callable: it runs through the dynamic loader and the libraries of its own
// tree, so that the host's libraries neither matter nor change.

/** What the first bytes of a program say about how it is started. */
export type ProgramKind =
  | { readonly kind: "dynamic"; readonly loader: string }
  | { readonly kind: "static" }
  | { readonly kind: "python" };

/** Reads the kind from the first 4 KiB. The loader is the absolute path the program asks for (ELF's PT_INTERP). */
export function programKind(head: Uint8Array): ProgramKind | undefined {
  const text = Buffer.from(head).toString("latin1");
  if (/^#!.*python/.test(text)) return { kind: "python" };
  if (!text.startsWith("\x7fELF")) return undefined;
  const loader = /\/lib(?:64)?\/ld-linux[\w.-]*\.so\.\d+/.exec(text)?.[0];
  return loader === undefined ? { kind: "static" } : { kind: "dynamic", loader };
}

export interface WrapperOptions {
  readonly program: string;
  /** The absolute folder the package and what it depends on are unpacked in. */
  readonly tree: string;
  /** The program's path in the tree. */
  readonly path: string;
  readonly kind: ProgramKind;
  /** The loader of the tree's Python, for kind "python". */
  readonly pythonLoader?: string;
  /** The name of the architecture's library folder, as in `x86_64-linux-gnu`. */
  readonly triplet: string;
  /** A folder of ours to be seen in place of an absolute folder of the host. */
  readonly helpers?: { readonly folder: string; readonly seenAt: string };
}

/** The text of the shell script that starts the program. */
export function wrapperText(options: WrapperOptions): string {
  const { program, tree, path, kind, triplet, helpers } = options;
  const libraries = `"$tree/usr/lib/${triplet}:$tree/usr/lib/${triplet}/systemd"`;
  const through = (loader: string, name: string): string =>
    `"$tree${loader}" --argv0 ${quote(name)} --library-path ${libraries}`;
  const lines = ["#!/bin/sh", "# Written by Holdfast; changes are overwritten.", `tree=${quote(tree)}`];
  let command = `"$tree/${path}"`;
  if (kind.kind === "dynamic") command = `${through(kind.loader, program)} ${command}`;
  if (kind.kind === "python") {
    lines.push('PYTHONHOME="$tree/usr" PYTHONPATH="$tree/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1');
    lines.push("export PYTHONHOME PYTHONPATH PYTHONDONTWRITEBYTECODE");
    command = `${through(options.pythonLoader ?? "", "python3")} "$tree/usr/bin/python3" ${command}`;
  }
  if (helpers === undefined) return [...lines, `exec ${command} "$@"`, ""].join("\n");
  return [
    ...lines,
    `helpers=${quote(helpers.folder)}`,
    `if [ ! -d ${helpers.seenAt} ]; then`,
    `  echo "${program}: Cannot start: this machine has no folder ${helpers.seenAt} to show its helpers in." >&2`,
    "  exit 1",
    "fi",
    'user=; [ "$(id -u)" = 0 ] || user=--map-root-user',
    `exec unshare $user --mount sh -c 'mount --bind "$1" ${helpers.seenAt} && shift && exec "$@"' sh "$helpers" \\`,
    `  ${command} "$@"`,
    "",
  ].join("\n");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

// The copyright file of the package: our own licence, and that of everything that is in the single executable.
import { readdir, readFile, realpath } from "node:fs/promises";
import { dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");

interface PackageFile {
  readonly version: string;
  readonly license: string;
  readonly author?: string | { readonly name: string };
}

/** Licences whose text every Debian system has. */
const common: Readonly<Record<string, string>> = {
  "Apache-2.0": "/usr/share/common-licenses/Apache-2.0",
  "LGPL-3.0+": "/usr/share/common-licenses/LGPL-3",
};

const head = [
  "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\nUpstream-Name: Holdfast\n",
  part("*", "2026 Holdfast maintainers", "Apache-2.0", inCommon("Apache-2.0")),
];

/** In the machine-readable form of Debian, version 1.0. Without packages: of what has nothing but our own files. */
export async function copyrightText(packages?: readonly string[]): Promise<string> {
  if (packages === undefined) return head.join("\n");
  const parts = await Promise.all(packages.map(packagePart));
  const node = dirname(dirname(await realpath(process.execPath)));
  return [
    ...head,
    ...parts,
    part(
      `runtime of usr/bin/holdfast (Node.js ${process.versions.node})`,
      "Node.js contributors, and those that its licence names",
      "Node.js",
      await readFile(join(node, "LICENSE"), "utf8"),
    ),
  ].join("\n");
}

async function packagePart(name: string): Promise<string> {
  const folder = join(root, "node_modules", name);
  const facts = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as PackageFile;
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? undefined : await readFile(join(folder, file), "utf8");
  const holders = (text ?? "").split("\n").find((line) => /^\s*copyright\b.*\d{4}/i.test(line));
  const author = typeof facts.author === "object" ? facts.author.name : facts.author;
  const who = holders?.replace(/^\s*copyright\s*(\(c\)|©)?\s*/i, "") ?? author ?? `the authors of ${name}`;
  const license = facts.license;
  const words = common[license] === undefined ? text : inCommon(license);
  if (words === undefined) throw new Error(`Cannot name the licence of ${name}: it brings no text of ${license}`);
  return part(
    `${name} ${facts.version} in usr/bin/holdfast`,
    who,
    `${license}-of-${name.replace(/^@/, "").replaceAll("/", "-")}`,
    words,
  );
}

function inCommon(license: string): string {
  return `On Debian systems, the text of ${license} is in ${common[license] ?? ""}.`;
}

function part(files: string, who: string, license: string, text: string): string {
  const lines = text
    .trimEnd()
    .split("\n")
    .map((line) => (line.trim() === "" ? " ." : ` ${line.trimEnd()}`));
  return `Files: ${files}\nCopyright: ${who}\nLicense: ${license}\n${lines.join("\n")}\n`;
}

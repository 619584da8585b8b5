// What a linter cannot keep: import directions, file sizes and names, purpose lines, titles, words that do not belong
// here. Pure functions over texts; tools/check.ts reads the files.
import { deadExports } from "./tidy-exports.ts";
import { importsOf, isContract, isTest, resolveImport } from "./tidy-imports.ts";

export interface SourceFile {
  /** Relative to the root of the repository, with slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Finding {
  readonly path: string;
  /** Counts from 1. */
  readonly line: number;
  readonly message: string;
}

/** DESIGN's house: a file imports from its own place and from those above it; `outside` are node: and npm modules. */
export const house: readonly { readonly place: string; readonly outside: readonly string[] }[] = [
  { place: "base", outside: [] },
  { place: "format", outside: [] },
  { place: "domain", outside: [] },
  { place: "wire", outside: ["valibot"] },
  { place: "port", outside: [] },
  { place: "delta", outside: ["node:zlib", "node:crypto"] },
  { place: "publish", outside: [] },
  { place: "image", outside: [] },
  { place: "agent", outside: [] },
  { place: "varlink", outside: [] },
  { place: "sim", outside: [] },
  { place: "adapter", outside: ["*"] },
  { place: "cli", outside: ["@stricli/core"] },
  { place: "main.ts", outside: ["node:*"] },
];

/** Places that do not know one another although the table would let them. */
const apart: Readonly<Record<string, readonly string[]>> = { agent: ["publish"] };
/** Tests live in the simulated world wherever they are; contract suites are tests that several places run. */
const testsOutside = ["node:*", "fast-check"];
const contractsOutside = ["node:test", "node:assert", "node:assert/strict", "fast-check"];

const codeFile = /\.(ts|mjs|js|sh)$/;
const kebabName = /^\.?[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const linesMax = 400;

/** Hosts of package registries, and folders of the machine something was written on. */
const forbidden: readonly RegExp[] = [
  /\b(registry|www)\.npmjs\.(org|com)\b/,
  /\b(deb|security|snapshot|ftp)\.debian\.org\b/,
  /\b(archive|security|ports)\.ubuntu\.com\b/,
  /\b(pypi|pythonhosted)\.org\b/,
  /\bproxy\.golang\.org\b/,
  /(?<![\w.$})\]/-])\/(work|root|tmp\/hf)\//,
  /(?<![\w.$})\]/-])\/(home|Users)\/[a-z]\w*\//,
];

/** All findings, in the order of the files. */
export function tidy(files: readonly SourceFile[]): readonly Finding[] {
  return [...files.flatMap((file) => [...fileFindings(file)]), ...deadExports(files)];
}

function* fileFindings(file: SourceFile): Generator<Finding> {
  yield* importDirections(file);
  yield* sizeAndName(file);
  yield* purposeLine(file);
  yield* oneTitle(file);
  yield* forbiddenWords(file);
}

/** The place in the house of a path below src, or undefined outside of it. */
function placeOf(path: string): string | undefined {
  return /^src\/([^/]+)/.exec(path)?.[1];
}

export function* importDirections({ path, text }: SourceFile): Generator<Finding> {
  const place = placeOf(path);
  if (place === undefined) return;
  const rank = house.findIndex((room) => room.place === place);
  const room = house[rank];
  if (room === undefined) return yield { path, line: 1, message: `src/${place} is not in the house table` };
  const outside = [
    ...room.outside,
    ...(isTest(path) ? testsOutside : []),
    ...(isContract(path) ? contractsOutside : []),
  ];
  for (const { specifier, line } of importsOf(text)) {
    const target = resolveImport(path, specifier);
    if (target === undefined) {
      if (!outside.some((allowed) => covers(allowed, specifier)))
        yield { path, line, message: `src/${place} may not import ${specifier}` };
      continue;
    }
    const targetPlace = placeOf(target);
    const targetRank = house.findIndex(({ place: other }) => other === targetPlace);
    const allowed =
      targetPlace === place ||
      (targetRank >= 0 && targetRank < rank && apart[place]?.includes(targetPlace ?? "") !== true) ||
      (isTest(path) && targetPlace === "sim");
    if (!allowed) yield { path, line, message: `src/${place} may not import ${target}` };
  }
}

function covers(allowed: string, specifier: string): boolean {
  if (allowed === "*") return true;
  if (allowed.endsWith(":*")) return specifier.startsWith(allowed.slice(0, -1));
  return specifier === allowed;
}

export function* sizeAndName({ path, text }: SourceFile): Generator<Finding> {
  if (!codeFile.test(path)) return;
  const lines = text.split("\n").length - (text.endsWith("\n") ? 1 : 0);
  if (lines > linesMax) yield { path, line: linesMax, message: `${lines} lines; at most ${linesMax}` };
  const odd = path.split("/").find((name) => !kebabName.test(name));
  if (odd !== undefined) yield { path, line: 1, message: `${odd} is not kebab-case` };
}

/** The first line of a module says what it is for; a test is named after what it tests. */
export function* purposeLine({ path, text }: SourceFile): Generator<Finding> {
  if (!/^(src|tools|bench)\/.*\.(ts|mjs)$/.test(path) || isTest(path)) return;
  if (!/^(\/\/ \S|#!)/.test(text)) yield { path, line: 1, message: "the first line is no // purpose comment" };
}

export function* oneTitle({ path, text }: SourceFile): Generator<Finding> {
  if (!path.endsWith(".md")) return;
  const titles: number[] = [];
  let fenced = false;
  for (const [index, line] of text.split("\n").entries()) {
    if (/^\s*(```|~~~)/.test(line)) fenced = !fenced;
    else if (!fenced && line.startsWith("# ")) titles.push(index + 1);
  }
  if (titles.length !== 1)
    yield { path, line: titles[1] ?? 1, message: `${titles.length} titles ("# "); a document has one` };
}

export function* forbiddenWords({ path, text }: SourceFile): Generator<Finding> {
  if (path === "LICENSE") return;
  for (const [index, line] of text.split("\n").entries()) {
    const word = forbidden.map((pattern) => pattern.exec(line)?.[0]).find((found) => found !== undefined);
    if (word !== undefined) yield { path, line: index + 1, message: `${word} does not belong into the repository` };
  }
}

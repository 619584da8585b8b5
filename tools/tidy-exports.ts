// Finds exports of src that nothing uses. Tests alone do not count as use, but for what is made for tests (contract
// suites, samples, fixtures, the simulated world), for codecs (each has its inverse, which its round-trip property uses)
// and for what its own file uses and a test looks at.
import type { Finding, SourceFile } from "./tidy.ts";
import { importsOf, isContract, isTest, resolveImport } from "./tidy-imports.ts";

interface Exported {
  readonly name: string;
  readonly isType: boolean;
  readonly index: number;
}

const declaration =
  /^export\s+(?:declare\s+)?(?:abstract\s+)?(?:async\s+)?(const|let|function\*?|class|interface|type|enum)\s+([\w$]+)/gm;
const list = /^export\s+(type\s+)?\{([^}]*)\}(?!\s*from)/gm;

function exportsOf(text: string): readonly Exported[] {
  const declared = [...text.matchAll(declaration)].map((match) => ({
    name: match[2] ?? "",
    isType: match[1] === "interface" || match[1] === "type",
    index: match.index,
  }));
  const listed = [...text.matchAll(list)].flatMap((match) =>
    [...(match[2] ?? "").matchAll(/([\w$]+)\s*(?:,|$)/g)].map((name) => ({
      name: name[1] ?? "",
      isType: match[1] !== undefined,
      index: match.index,
    })),
  );
  return [...declared, ...listed];
}

/** Whether its own file uses what it exports: enough for a type, which is part of another export's shape. */
function namedAgain(text: string, { name }: Exported): boolean {
  return [...text.matchAll(new RegExp(`\\b${name.replaceAll("$", "\\$")}\\b`, "g"))].length > 1;
}

export function* deadExports(files: readonly SourceFile[]): Generator<Finding> {
  const used = new Set<string>();
  const usedByTests = new Set<string>();
  for (const { path, text } of files) {
    if (!/\.(ts|mjs)$/.test(path)) continue;
    const into = isTest(path) || path.startsWith("test/") ? usedByTests : used;
    for (const { specifier, names } of importsOf(text)) {
      const target = resolveImport(path, specifier);
      if (target !== undefined) for (const name of names) into.add(`${target}#${name}`);
    }
  }
  for (const { path, text } of files) {
    if (!/^src\/.*\.ts$/.test(path) || isTest(path)) continue;
    const forTests =
      isContract(path) || /^src\/(sim|format)\//.test(path) || /\/sample-[^/]+\.ts$|\.fixture\.ts$/.test(path);
    const taken = (by: Set<string>, name: string): boolean => by.has(`${path}#${name}`) || by.has(`${path}#*`);
    for (const exported of exportsOf(text)) {
      const again = namedAgain(text, exported);
      const isUsed =
        taken(used, exported.name) ||
        (exported.isType && again) ||
        ((forTests || again) && taken(usedByTests, exported.name));
      if (isUsed) continue;
      const line = text.slice(0, exported.index).split("\n").length;
      yield { path, line, message: `nothing uses the export ${exported.name}` };
    }
  }
}

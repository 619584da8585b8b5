// Reads the imports of a module from its text: TypeScript 7 has no parser to call, and ours are written plainly.
import { posix } from "node:path";

export interface Import {
  readonly specifier: string;
  /** Counts from 1. */
  readonly line: number;
  /** The names taken, before any `as`; "*" for a namespace, nothing for a mere `import "x"`. */
  readonly names: readonly string[];
}

const statement =
  /^[ \t]*(?:import|export)\s+(?:type\s+)?((?:[\w$]+|\*(?:\s+as\s+[\w$]+)?|\{[^}]*\}|\s*,\s*)+?)\s*from\s*["']([^"']+)["']/gm;
const bare = /^[ \t]*import\s*["']([^"']+)["']/gm;
const dynamic = /\bimport\(\s*["']([^"']+)["']\s*\)/g;

/** All imports and re-exports, `import()` with a literal included. */
export function importsOf(text: string): readonly Import[] {
  const lineOf = (index: number): number => text.slice(0, index).split("\n").length;
  return [
    ...[...text.matchAll(statement)].map((match) => ({
      specifier: match[2] ?? "",
      line: lineOf(match.index),
      names: namesIn(match[1] ?? ""),
    })),
    ...[...text.matchAll(bare)].map((match) => ({
      specifier: match[1] ?? "",
      line: lineOf(match.index),
      names: [],
    })),
    ...[...text.matchAll(dynamic)].map((match) => ({
      specifier: match[1] ?? "",
      line: lineOf(match.index),
      names: ["*"],
    })),
  ];
}

/** The names in what stands between `import` and `from`. */
function namesIn(clause: string): readonly string[] {
  if (clause.includes("*")) return ["*"];
  const braces = /\{([^}]*)\}/.exec(clause)?.[1] ?? "";
  const named = braces.split(",").map((part) => /^\s*(?:type\s+)?([\w$]+)/.exec(part)?.[1]);
  const plain = clause.replace(/\{[^}]*\}/, "").includes(",") || !clause.includes("{") ? ["default"] : [];
  return [...plain, ...named.filter((name) => name !== undefined)];
}

/** The path a relative specifier leads to, or undefined for a module from outside. */
export function resolveImport(from: string, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(from), specifier) : undefined;
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

export function isContract(path: string): boolean {
  return path.endsWith(".contract.ts");
}

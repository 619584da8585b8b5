// The checks that need no test run: types, lint, format, and what tools/tidy.ts keeps. One line each, details on failure.
import { execFile } from "node:child_process";
import { glob, readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { type SourceFile, tidy } from "./tidy.ts";

export interface CheckResult {
  readonly name: string;
  /** What is wrong, ready to print; empty when nothing is. */
  readonly problems: string;
  readonly seconds: number;
}

const root = join(import.meta.dirname, "..");

/** Runs all checks; `report` gets each result as it comes. */
export async function runChecks(report: (result: CheckResult) => void): Promise<readonly CheckResult[]> {
  const checks: Readonly<Record<string, () => Promise<string>>> = {
    types: () => program("tsc", ["--noEmit", "-p", root]),
    lint: () => program("oxlint", ["--format=unix", "--deny-warnings", `--threads=${availableParallelism()}`]),
    format: async () => unformatted(await program("biome", ["format", "--colors=off", "--max-diagnostics=none"])),
    tidy: async () =>
      tidy(await sources())
        .map(({ path, line, message }) => `${path}:${line}: ${message}\n`)
        .join(""),
  };
  const results = Object.entries(checks).map(async ([name, check]) => {
    const begin = performance.now();
    const problems = await check();
    const result = { name, problems, seconds: (performance.now() - begin) / 1000 };
    report(result);
    return result;
  });
  return Promise.all(results);
}

/** One line for a check, and below it what is wrong. */
export function describeCheck({ name, problems, seconds }: CheckResult): string {
  const line = `${problems === "" ? "ok  " : "FAIL"} ${name.padEnd(8)} ${seconds.toFixed(1)} s`;
  return problems === "" ? line : `${line}\n${problems.trimEnd().replaceAll(/^/gm, "  ")}`;
}

/** Runs a program of node_modules; resolves with nothing on success, else with what it printed. */
function program(name: string, args: readonly string[]): Promise<string> {
  const path = join(root, "node_modules", ".bin", name);
  const options = { cwd: root, maxBuffer: 1 << 26, env: { ...process.env, NO_COLOR: "1" } };
  return new Promise((resolve) => {
    execFile(path, args, options, (error, stdout, stderr) => {
      resolve(error === null ? "" : `${stdout}${stderr}` || error.message);
    });
  });
}

/** Names the files instead of showing how each should look. */
function unformatted(output: string): string {
  const paths = [...output.matchAll(/^(\S+) format ━/gm)].map((match) => `${match[1]}\n`);
  return paths.length === 0 ? output : `${paths.join("")}Run: npm run format\n`;
}

/** Every text the repository holds; no git is needed. */
async function sources(): Promise<readonly SourceFile[]> {
  const patterns = ["*", ".ci/*", "{src,tools,test,bench,fuzz,bin,docs,os,packaging}/**/*"];
  const files: SourceFile[] = [];
  for (const pattern of patterns) {
    for await (const entry of glob(pattern, { cwd: root, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const full = join(entry.parentPath, entry.name);
      const bytes = await readFile(full);
      if (!bytes.includes(0)) files.push({ path: full.slice(root.length + 1), text: bytes.toString("utf8") });
    }
  }
  return files.toSorted((left, right) => (left.path < right.path ? -1 : 1));
}

if (import.meta.main) {
  const results = await runChecks((result) => console.log(describeCheck(result)));
  process.exitCode = results.some(({ problems }) => problems !== "") ? 1 : 0;
}

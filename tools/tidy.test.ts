import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Finding,
  forbiddenWords,
  house,
  importDirections,
  oneTitle,
  purposeLine,
  sizeAndName,
  type SourceFile,
  tidy,
} from "./tidy.ts";
import { deadExports } from "./tidy-exports.ts";
import { importsOf } from "./tidy-imports.ts";

type Rule = (file: SourceFile) => Iterable<Finding>;

function messages(rule: Rule, path: string, text: string): readonly string[] {
  return [...rule({ path, text })].map(({ message }) => message);
}

function importing(specifier: string): string {
  return `// Purpose.\nimport { x } from "${specifier}";\n`;
}

test("a file imports from its own place and from those above it, never from below", () => {
  for (const [path, specifier, message] of [
    ["src/domain/a.ts", "../base/b.ts", undefined],
    ["src/domain/a.ts", "./deep/b.ts", undefined],
    ["src/domain/a.ts", "../port/disk.ts", "src/domain may not import src/port/disk.ts"],
    ["src/base/a.ts", "../format/b.ts", "src/base may not import src/format/b.ts"],
    ["src/adapter/disk/a.ts", "../../port/disk.ts", undefined],
    ["src/main.ts", "./cli/app.ts", undefined],
    ["src/cli/a.ts", "../main.ts", "src/cli may not import src/main.ts"],
    ["src/base/a.ts", "../../tools/b.ts", "src/base may not import tools/b.ts"],
    ["src/attic/a.ts", "../base/b.ts", "src/attic is not in the house table"],
    ["tools/a.ts", "../src/main.ts", undefined],
  ] as const)
    assert.deepEqual(messages(importDirections, path, importing(specifier)), message === undefined ? [] : [message]);
});

test("agent, publish and sim do not know adapter nor one another, but sim drives the other two", () => {
  const allowed = (from: string, to: string): boolean =>
    messages(importDirections, `src/${from}/a.ts`, importing(`../${to}/b.ts`)).length === 0;
  assert.deepEqual(
    ["agent", "publish", "sim"].map((from) => ["agent", "publish", "sim", "adapter"].filter((to) => allowed(from, to))),
    [["agent"], ["publish"], ["agent", "publish", "sim"]],
  );
});

test("node: and npm are imported only where the house has a door", () => {
  const doors = (specifier: string, name = "a.ts"): readonly string[] =>
    house
      .map(({ place }) => place)
      .filter((place) => {
        const path = place.endsWith(".ts") ? `src/${place}` : `src/${place}/${name}`;
        return messages(importDirections, path, importing(specifier)).length === 0;
      });
  assert.deepEqual(doors("node:fs"), ["adapter", "main.ts"]);
  assert.deepEqual(doors("node:zlib"), ["delta", "adapter", "main.ts"]);
  assert.deepEqual(doors("valibot"), ["wire", "adapter"]);
  assert.deepEqual(doors("@stricli/core"), ["adapter", "cli"]);
  assert.deepEqual(doors("undici"), ["adapter"]);
});

test("tests may use node:, fast-check and the simulated world, contract suites only what asserts", () => {
  for (const [path, specifier, count] of [
    ["src/base/a.test.ts", "node:test", 0],
    ["src/base/a.test.ts", "fast-check", 0],
    ["src/agent/a.test.ts", "../sim/world.ts", 0],
    ["src/agent/a.test.ts", "../adapter/disk/disk.ts", 1],
    ["src/base/a.test.ts", "undici", 1],
    ["src/port/disk.contract.ts", "node:assert/strict", 0],
    ["src/port/disk.contract.ts", "node:fs", 1],
    ["src/port/disk.ts", "node:test", 1],
  ] as const)
    assert.equal(messages(importDirections, path, importing(specifier)).length, count, `${path} ${specifier}`);
});

test("imports are read in every shape in which we write them", () => {
  const text = [
    'import type { A, B as C } from "./a.ts";',
    'import d, { type E } from "./d.ts";',
    'import * as f from "./f.ts";',
    'import "./g.ts";',
    'export { H } from "./h.ts";',
    'export * from "./i.ts";',
    "import {\n  J,\n  K,\n} from './j.ts';",
    'const l = await import("./l.ts");',
    "const text = 'an import from nowhere';",
  ].join("\n");
  assert.deepEqual(
    importsOf(text).map(({ specifier, names, line }) => [specifier, names.join(), line]),
    [
      ["./a.ts", "A,B", 1],
      ["./d.ts", "default,E", 2],
      ["./f.ts", "*", 3],
      ["./h.ts", "H", 5],
      ["./i.ts", "*", 6],
      ["./j.ts", "J,K", 7],
      ["./g.ts", "", 4],
      ["./l.ts", "*", 11],
    ],
  );
});

test("a file has at most 400 lines and a name in kebab-case", () => {
  assert.deepEqual(messages(sizeAndName, "src/base/a.ts", "//\n".repeat(400)), []);
  assert.deepEqual(messages(sizeAndName, "src/base/a.ts", "//\n".repeat(401)), ["401 lines; at most 400"]);
  for (const name of ["Disk.ts", "my_disk.ts", "myDisk.ts", "a--b.ts"])
    assert.deepEqual(messages(sizeAndName, `src/base/${name}`, ""), [`${name} is not kebab-case`]);
  assert.deepEqual(messages(sizeAndName, "src/Base/a.ts", ""), ["Base is not kebab-case"]);
  for (const path of ["src/port/disk.contract.ts", "README.md", "tools/run-5.mjs", ".ci/run.sh"])
    assert.deepEqual(messages(sizeAndName, path, ""), []);
});

test("the first line of a module says what it is for", () => {
  const wrong = ["the first line is no // purpose comment"];
  assert.deepEqual(messages(purposeLine, "src/base/a.ts", "// Bytes.\n"), []);
  assert.deepEqual(messages(purposeLine, "tools/a.mjs", "#!/usr/bin/env node\n"), []);
  assert.deepEqual(messages(purposeLine, "src/base/a.ts", 'import "x";\n'), wrong);
  assert.deepEqual(messages(purposeLine, "src/base/a.ts", "//\n"), wrong);
  assert.deepEqual(messages(purposeLine, "src/base/a.test.ts", ""), []);
});

test("a document has one title, and comments in code blocks are none", () => {
  assert.deepEqual(messages(oneTitle, "README.md", "# A\n\n```sh\n# no title\n```\n"), []);
  assert.deepEqual(messages(oneTitle, "README.md", "# A\n# B\n"), ['2 titles ("# "); a document has one']);
  assert.deepEqual(messages(oneTitle, "docs/a.md", "## A\n"), ['0 titles ("# "); a document has one']);
});

test("hosts of registries and folders of a workplace do not belong into the repository", () => {
  const host = (...parts: readonly string[]): string => parts.join(".");
  const folder = (...parts: readonly string[]): string => `${["", ...parts].join("/")}/`;
  for (const word of [
    host("registry", "npmjs", "org"),
    host("deb", "debian", "org"),
    host("pypi", "org"),
    folder("work"),
    folder("root"),
    folder("home", "ada"),
  ]) {
    const [finding] = forbiddenWords({ path: "docs/a.md", text: `fine\nsee "${word}"\n` });
    assert.deepEqual(finding, { path: "docs/a.md", line: 2, message: `${word} does not belong into the repository` });
  }
  for (const text of ["https://example.org/work/a", "src/work/a", "$HOME/root/a", "--root /mnt", "/home is a mount"])
    assert.deepEqual(messages(forbiddenWords, "docs/a.md", text), [], text);
});

test("an export of src that nothing but a test uses is dead", () => {
  const dead = (...files: readonly SourceFile[]): readonly string[] =>
    [...deadExports(files)].map(({ path, line, message }) => `${path}:${line} ${message}`);
  const a = {
    path: "src/base/a.ts",
    text: "// A.\nexport interface Shape {}\nexport function make(shape: Shape): void {}\n",
  };
  const use = (path: string, specifier: string): SourceFile => ({ path, text: `import { make } from "${specifier}";` });
  const finding = "src/base/a.ts:3 nothing uses the export make";
  assert.deepEqual(dead(a), [finding]);
  assert.deepEqual(dead(a, use("src/base/a.test.ts", "./a.ts")), [finding]);
  const again = { path: a.path, text: `${a.text}make({});\n` };
  assert.deepEqual(dead(again), [finding]);
  assert.deepEqual(dead(again, use("src/base/a.test.ts", "./a.ts")), []);
  assert.deepEqual(dead(a, use("test/interop/b.ts", "../../src/base/a.ts")), [finding]);
  assert.deepEqual(dead(a, use("src/base/b.ts", "./a.ts")), []);
  assert.deepEqual(dead(a, use("tools/b.ts", "../src/base/a.ts")), []);
  assert.deepEqual(dead(a, { path: "src/base/b.ts", text: 'import * as all from "./a.ts";' }), []);
  assert.deepEqual(dead({ path: "src/base/a.ts", text: "export type Lonely = 1;\n" }), [
    "src/base/a.ts:1 nothing uses the export Lonely",
  ]);
  assert.deepEqual(dead({ path: "src/base/a.ts", text: "const x = 1, y = 2;\nexport { x, y as z };\n" }), [
    "src/base/a.ts:2 nothing uses the export x",
    "src/base/a.ts:2 nothing uses the export z",
  ]);
});

test("what is made for tests is used by tests", () => {
  for (const path of ["src/port/disk.contract.ts", "src/sim/world.ts", "src/domain/sample-plan.ts"]) {
    const name = path.split("/").at(-1) ?? "";
    const made = { path, text: "export function make(): void {}\n" };
    const user = { path: path.replace(/[^/]+$/, "x.test.ts"), text: `import { make } from "./${name}";` };
    assert.deepEqual([...deadExports([made, user])], []);
    assert.equal([...deadExports([made])].length, 1);
  }
});

test("all rules are run over all files", () => {
  const findings = tidy([
    { path: "src/base/Bad.ts", text: 'import "node:fs";\nexport const dead = 1;\n' },
    { path: "docs/a.md", text: "no title\n" },
  ]);
  assert.deepEqual(
    findings.map(({ path, line }) => `${path}:${line}`),
    ["src/base/Bad.ts:1", "src/base/Bad.ts:1", "src/base/Bad.ts:1", "docs/a.md:1", "src/base/Bad.ts:2"],
  );
});

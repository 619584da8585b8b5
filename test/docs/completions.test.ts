// The completions in the shells they are for: what each offers at the end of a line.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { completions } from "../../tools/docs/completions.ts";
import { commandLines } from "../../tools/docs/command-table.ts";
import { cacheFolder, describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";

const run = promisify(execFile);
const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

const tools = await ensureTools(["zsh", "fish"]);
const trees = join(cacheFolder(), "trees/trixie");
const folder = await mkdtemp(join(tmpdir(), "holdfast-completions-"));
after(async () => rm(folder, { recursive: true, force: true }));
const files: Readonly<Record<Shell, string>> = { bash: "holdfast.bash", zsh: "_holdfast", fish: "holdfast.fish" };
for (const { shell, text } of completions()) await writeFile(join(folder, files[shell]), text);
// Stands for the program that tells the versions.
const stub = join(folder, "holdfast");
await writeFile(
  stub,
  `#!/bin/sh\n[ "$*" = "list --offline --json" ] && echo '{"versions":[{"version": "7.2"},{"version":"7.1"}]}'\n`,
);
await chmod(stub, 0o755);

/** What stands at the end of a line, and what is offered there. */
const offers: readonly (readonly [line: string, words: readonly string[], notAmongThem?: readonly string[]])[] = [
  ["holdfast upd", ["update"], ["status"]],
  ["holdfast repo ", ["init", "add", "commit", "withdraw", "prune", "verify", "diff", "serve"], ["status", "install"]],
  ["holdfast update --dr", ["--dry-run"], ["--deep"]],
  ["holdfast repo verify --", ["--sample", "--json"], ["--dry-run", "--grace-days"]],
  ["holdfast image install disk --layout=", ["kde", "ab"]],
  ["holdfast image build recipe --layout ", ["kde", "ab", "both"]],
  ["holdfast quarantine ", ["lift", "list"], ["7.1"]],
  ["holdfast quarantine lift ", ["7.1", "7.2"]],
  ["holdfast update ", ["7.1", "7.2"]],
  ["holdfast update --max-rate 2M --offline ", ["7.1", "7.2"]],
  ["holdfast repo withdraw os ", ["7.1", "7.2"]],
  ["holdfast sysupdate --json=", ["pretty", "short", "off"]],
  ["holdfast sysupdate check", ["check-new"]],
  ["holdfast help rep", ["repo"]],
];

function command(shell: Shell, lines: readonly string[]): readonly [string, readonly string[]] {
  const script = join(import.meta.dirname, `capture.${shell}`);
  const file = join(folder, files[shell]);
  switch (shell) {
    case "bash":
      return ["bash", ["--norc", script, file, ...lines]];
    case "zsh":
      return [tools.path("zsh"), ["-f", script, join(trees, "zsh"), folder, tools.path("zsh"), ...lines]];
    case "fish":
      return [
        tools.path("fish"),
        ["--no-config", script, join(trees, "fish/usr/share/fish/functions"), file, ...lines],
      ];
  }
}

/** Candidates by line. fish writes a value with its option; it is told apart from the word that stands there. */
async function offered(shell: Shell, lines: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const [program, args] = command(shell, lines);
  const env = { PATH: `${folder}:${process.env["PATH"] ?? ""}`, HOME: folder, LC_ALL: "C.UTF-8", TERM: "dumb" };
  const { stdout } = await run(program, args, { cwd: folder, env, timeout: 600_000 });
  const parts = stdout.split(/^line:/m).slice(1);
  return new Map(
    parts.map((part) => [
      part.split("\n")[0] ?? "",
      [...part.matchAll(/hit:(.*?):/g)].map(([, word = ""]) =>
        word
          .trim()
          .replace(/(?<=.)=$/, "")
          .replace(/^--[a-z-]+=/, ""),
      ),
    ]),
  );
}

for (const shell of shells) {
  const missing = describeMissing(tools.missing.filter(({ program }) => program === shell)).join(" ");
  test(`${shell} offers commands, options, values and versions`, {
    skip: missing === "" ? false : missing,
  }, async () => {
    const found = await offered(
      shell,
      offers.map(([line]) => line),
    );
    for (const [line, wanted, unwanted = []] of offers) {
      const words = found.get(line) ?? [];
      const lacking = wanted.filter((word) => !words.includes(word));
      assert.deepEqual(
        { lacking, words: words.filter((word) => unwanted.includes(word)) },
        { lacking: [], words: [] },
        `${line}| ${words.join(" ")}`,
      );
    }
  });
}

test("every command and every option is in each of them", async () => {
  for (const shell of shells) {
    const text = await readFile(join(folder, files[shell]), "utf8");
    for (const { name, options } of commandLines) {
      for (const word of [...name.split(" "), ...options.map((option) => option.name)]) {
        assert.ok(text.includes(word), `${shell}: ${word}`);
      }
    }
  }
});

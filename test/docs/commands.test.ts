// Every command line of the documentation: it could be typed as it stands, and the sessions are run for real.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Block, blocksOf, sessionOf } from "../../tools/docs/blocks.ts";
import { commandProblem, holdfastWords, simpleCommands } from "../../tools/docs/command-words.ts";
import { parseMarkdown } from "../../tools/docs/markdown.ts";
import { type Page, readPages } from "../../tools/docs/pages.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { difference, play } from "./play.ts";
import { type SceneFolder, scenes } from "./scenes.ts";

const pages = await readPages();
const tools = await ensureTools(["mkfs.erofs"]);
process.env["PATH"] = `${tools.binFolder}:${process.env["PATH"] ?? ""}`;
const missing = describeMissing(tools.missing).join(" ");

const isRun = (language: string): boolean => language === "console" || language === "sh";

/** Command lines in the middle of sentences, tables and headings. */
function inlineCommands(page: Page): readonly string[] {
  return parseMarkdown(page.text)
    .flatMap(({ children }) => children ?? [])
    .filter(({ type, content }) => type === "code_inline" && /^(?:bin\/)?holdfast\b/.test(content))
    .map(({ content }) => content);
}

function problemsOf(text: string): readonly string[] {
  return simpleCommands(text).flatMap((words) => {
    const own = holdfastWords(words);
    const problem = own === undefined ? undefined : commandProblem(own);
    return problem === undefined ? [] : [problem];
  });
}

/** The commands of a session, or the lines of any other block. */
function commandsIn(block: Block): string {
  if (block.language === "console" || /^[#$] (?:bin\/)?holdfast\b/m.test(block.content)) {
    return sessionOf(block)
      .map(({ text }) => text)
      .join("\n");
  }
  return block.content;
}

test("commands in sentences and blocks are known, and so are their options", () => {
  const wrong: string[] = [];
  for (const page of pages) {
    for (const text of inlineCommands(page))
      wrong.push(...problemsOf(text).map((problem) => `${page.path}: \`${text}\`: ${problem}`));
    for (const block of blocksOf(page.path, page.text)) {
      wrong.push(...problemsOf(commandsIn(block)).map((problem) => `${page.path}:${block.line}: ${problem}`));
    }
  }
  assert.deepEqual(wrong, []);
});

test("a wrong option, a wrong command and a wrong value are found in a page", () => {
  assert.deepEqual(problemsOf("sudo holdfast update --dryrun"), ["update knows no --dryrun"]);
  assert.deepEqual(problemsOf("cd x && holdfast repo publish os"), ["there is no command repo publish"]);
  assert.deepEqual(problemsOf("holdfast image build r --layout=abc | cat"), [
    "--layout of image build is one of kde, ab, both",
  ]);
  assert.deepEqual(problemsOf("holdfast status --json=pretty"), ["--json of status takes no value"]);
  assert.deepEqual(problemsOf("holdfast sysupdate list --json=pretty 2>/dev/null"), []);
});

test("what a page shows is held against what was printed", () => {
  assert.equal(
    difference("1.5 MiB at 2026-01-02 03:04 UTC", "17 B  at 2031-12-31\n23:59 UTC".replace("\n", " ")),
    undefined,
  );
  assert.equal(difference("one\n...\nthree", "one\ntwo\nthree\n"), undefined);
  assert.equal(difference("one\n...\nfour", "one\ntwo\nthree\n"), "four");
  assert.equal(difference("one", "one two"), "one");
});

test("every block with a command is run, or says why it is not", () => {
  const silent = pages
    .flatMap(({ path, text }) => blocksOf(path, text))
    .filter((block) => simpleCommands(commandsIn(block)).some((words) => holdfastWords(words) !== undefined))
    .filter(({ language, scene, skip }) => (!isRun(language) || scene === undefined) && skip === undefined);
  assert.deepEqual(
    silent.map(({ page, line }) => `${page}:${line}`),
    [],
  );
});

for (const page of pages) {
  const blocks = blocksOf(page.path, page.text).filter(
    ({ language, scene, skip }) => isRun(language) && scene !== undefined && skip === undefined,
  );
  if (blocks.length === 0) continue;
  test(`${page.path}: its sessions do what it shows`, { skip: missing === "" ? false : missing }, async (t) => {
    await using open = new AsyncDisposableStack();
    const built = new Map<string, SceneFolder>();
    const problems: string[] = [];
    for (const block of blocks) {
      const name = block.scene ?? "";
      const make = scenes[name];
      assert.ok(make !== undefined, `${page.path}:${block.line}: there is no scene ${name}`);
      const scene = built.get(name) ?? open.use(await make());
      built.set(name, scene);
      problems.push(...(await play(block, scene)));
    }
    t.diagnostic(`${blocks.length} sessions run`);
    assert.equal(problems.length, 0, problems.join("\n\n"));
  });
}

test("what is not run is counted, with its reason", (t) => {
  const skipped = pages.flatMap(({ path, text }) => blocksOf(path, text)).flatMap(({ skip }) => skip ?? []);
  for (const [reason, all] of Map.groupBy(skipped, (text) => text)) t.diagnostic(`not run: ${all.length}, ${reason}`);
  assert.ok(!skipped.includes(""), "a block that is not run says why");
});

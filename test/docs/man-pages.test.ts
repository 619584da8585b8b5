// The manual as roff: a page for every command, names that whatis reads, and not one warning of troff.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { commandNames } from "../../src/cli/overview.ts";
import { manPages } from "../../tools/docs/man-pages.ts";
import { cacheFolder, describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";

const run = promisify(execFile);
const tools = await ensureTools(["troff"]);
const missing = describeMissing(tools.missing).join(" ");
const pages = await manPages();
const named = new Map(pages.map((page) => [`${page.name}.${page.section}`, page.text]));

test("every command has a page", () => {
  const wanted = commandNames.map((name) => `holdfast-${name.replaceAll(" ", "-")}.1`);
  assert.deepEqual(
    ["holdfast.1", ...wanted].filter((name) => !named.has(name)),
    [],
  );
  for (const name of ["holdfast.json.5", "holdfast-state.5", "holdfast-repository.5", "holdfast-recipe.5"]) {
    assert.ok(named.has(name), name);
  }
});

test("a page has its name and what it is about in the line that whatis reads", () => {
  for (const { name, text } of pages) {
    const line = /^\.SH NAME\n(.*)\n\.SH /m.exec(text)?.[1]?.replaceAll("\\-", "-") ?? "";
    const [, told, about = ""] = /^(\S+) - (.+)$/.exec(line) ?? [];
    assert.equal(told, name);
    assert.ok(about.length <= 80 && !about.includes("`"), line);
  }
});

test("options are on the page of their command, the verbs of sysupdate on its own", () => {
  assert.match(named.get("holdfast-update.1") ?? "", /\\fB\\-\\-max\\-rate\\fP=\\fIRATE\\fP/);
  assert.match(named.get("holdfast-repo-init.1") ?? "", /\\fB\\-\\-no\\-store\\fP/);
  assert.match(named.get("holdfast-sysupdate.1") ?? "", /\\fBcheck\\-new\\fP/);
});

test("troff reads them without a warning", { skip: missing === "" ? false : missing }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-man-"));
  try {
    const groff = join(cacheFolder(), "trees/trixie/groff-base/usr/share/groff/1.23.0");
    const paths = [...named].map(([name, text]) => ({ path: join(folder, name), text }));
    await Promise.all(paths.map(({ path, text }) => writeFile(path, text)));
    const options = ["-Tutf8", "-mandoc", "-ww", "-z", `-F${groff}/font`, `-M${groff}/tmac`];
    for (const { path } of paths) {
      const { stderr } = await run(tools.path("troff"), [...options, path]);
      assert.equal(stderr, "", path);
    }
    // A page that is wrong does not pass.
    await writeFile(join(folder, "wrong.1"), `${named.get("holdfast.1")}.NOSUCHMACRO\n`);
    const { stderr } = await run(tools.path("troff"), [...options, join(folder, "wrong.1")]);
    assert.match(stderr, /NOSUCHMACRO/);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

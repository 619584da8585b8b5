// The documentation as a whole: no dead link or anchor in any page or on the site, and every page in the menu.
import assert from "node:assert/strict";
import { test } from "node:test";
import { deadLinks, deadSiteLinks } from "../../tools/docs/links.ts";
import { chapters } from "../../tools/docs/navigation.ts";
import { readPages } from "../../tools/docs/pages.ts";
import { buildSite } from "../../tools/docs/site.ts";

const pages = await readPages();
const site = await buildSite(pages);
const texts = new Map([...site].map(([path, content]) => [path, typeof content === "string" ? content : ""]));

test("no link, picture, heading or path that a page names is missing", async () => {
  assert.deepEqual(await deadLinks(pages), []);
});

test("no link of the site leads nowhere", () => {
  assert.deepEqual(deadSiteLinks(texts), []);
});

test("a dead link and a dead heading are found, in a page and on the site", async () => {
  const text = "# One\n\n[a](nowhere.md) [b](#two) `src/nowhere.ts` [c](../README.md#nothing) ![d](no.svg)\n";
  const dead = await deadLinks([
    { path: "docs/x.md", text },
    { path: "README.md", text: "# Title\n" },
  ]);
  assert.deepEqual(
    dead.map(({ target }) => target),
    ["nowhere.md", "#two", "src/nowhere.ts", "../README.md#nothing", "no.svg"],
  );
  const html = new Map([["a.html", '<a href="b.html"></a><h1 id="x"></h1><a href="#y"></a><a href="#x"></a>']]);
  assert.deepEqual(
    deadSiteLinks(html).map(({ target }) => target),
    ["b.html", "#y"],
  );
});

test("every page of docs is in the menu, and the menu names no page that is not there", () => {
  const menu = chapters.flatMap((chapter) => chapter.pages.map(([path]) => path));
  const there = pages.map(({ path }) => path);
  assert.deepEqual(
    there.filter((path) => path.startsWith("docs/") && !menu.includes(path)),
    [],
  );
  // Pages of other parts come with them.
  const later = ["docs/units.md", "docs/signals.md", "docs/varlink.md"];
  assert.deepEqual(
    menu.filter((path) => !there.includes(path) && !later.includes(path)),
    [],
  );
});

test("a page has its menu, a description of its commands, and neither needs a script", () => {
  const commands = texts.get("commands.html") ?? "";
  assert.match(commands, /<code>--max-rate=RATE<\/code><\/td><td>At most/);
  assert.match(commands, /aria-current="page">Commands</);
  assert.doesNotMatch(commands, /<script/);
  assert.doesNotMatch(commands, /&lt;!-- run/);
});

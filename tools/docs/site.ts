// The documentation as a site of plain files: every page of the menu, pictures, one style sheet, a list of all headings.
import { glob, readFile } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import MarkdownIt, { type Token } from "markdown-it";
import { holdfastVersion } from "../../src/cli/version.ts";
import { type CommandLine, commandLines } from "./command-table.ts";
import { anchorsOf } from "./links.ts";
import { attributeOf, parseMarkdown, plainText } from "./markdown.ts";
import { type Chapter, chapters, sitePath } from "./navigation.ts";
import { checkout, type Page } from "./pages.ts";
import { escapeHtml, frame, relativeHref, styles } from "./site-template.ts";

/** Pages of the menu that are there. */
function presentChapters(pages: readonly Page[]): readonly Chapter[] {
  const present = new Set(pages.map(({ path }) => path));
  return chapters.map((chapter) => ({ ...chapter, pages: chapter.pages.filter(([path]) => present.has(path)) }));
}

/** Files of the site by their path in it; texts, and bytes of pictures. */
export async function buildSite(pages: readonly Page[]): Promise<ReadonlyMap<string, string | Uint8Array>> {
  const menu = presentChapters(pages);
  const listed = new Set(menu.flatMap((chapter) => chapter.pages.map(([path]) => path)));
  const shown = pages.filter(({ path }) => listed.has(path));
  const files = new Map<string, string | Uint8Array>([["style.css", styles]]);
  for (const page of shown) {
    const here = sitePath(page.path);
    const tokens = parseMarkdown(page.text);
    const title = plainText(tokens.find(({ type }) => type === "inline"));
    const body = render(page, tokens, listed);
    files.set(here, frame({ here, title, body, chapters: menu, version: holdfastVersion }));
  }
  files.set("headings.html", headingsPage(shown, menu));
  for await (const path of glob("docs/**/*.{svg,png}", { cwd: checkout })) {
    files.set(sitePath(path), await readFile(join(checkout, path)));
  }
  return files;
}

const writer = new MarkdownIt({ html: true });

/** What a link of a page points at on the site; undefined where that is a file which the site does not have. */
function siteTarget(page: string, target: string, listed: ReadonlySet<string>): string | undefined {
  if (/^[a-z]+:/.test(target) || target.startsWith("#")) return target;
  const [file = "", anchor] = target.split("#");
  const path = normalize(join(dirname(page), file)).replace(/\/$/, "");
  const there = [path, `${path}/README.md`].find((candidate) => listed.has(candidate));
  if (there === undefined && !/\.(?:svg|png)$/.test(path)) return undefined;
  return relativeHref(sitePath(page), sitePath(there ?? path)) + (anchor === undefined ? "" : `#${anchor}`);
}

function render(page: Page, tokens: readonly Token[], listed: ReadonlySet<string>): string {
  const anchors = anchorsOf(tokens).values();
  let command: CommandLine | undefined;
  let html = "";
  let begin = 0;
  for (const [index, token] of tokens.entries()) {
    if (token.type === "heading_open") {
      token.attrSet("id", anchors.next().value ?? "");
      // What the command table knows comes right behind the heading.
      const [name = ""] = plainText(tokens[index + 1]).split(", ");
      command = page.path === "docs/commands.md" ? commandLines.find((line) => line.name === name) : undefined;
    } else if (token.type === "heading_close" && command !== undefined) {
      html += writer.renderer.render(tokens.slice(begin, index + 1), writer.options, {}) + commandTable(command);
      begin = index + 1;
    }
    retarget(page.path, token.children ?? [], listed);
  }
  html += writer.renderer.render(tokens.slice(begin), writer.options, {});
  return html.replaceAll("<table>", '<div class="table"><table>').replaceAll("</table>", "</table></div>");
}

/** Links go to the site's own pages; what is not on it is no link. */
function retarget(page: string, children: readonly Token[], listed: ReadonlySet<string>): void {
  let dropped = false;
  for (const child of children) {
    if (child.type === "link_open") {
      const target = siteTarget(page, attributeOf(child, "href") ?? "", listed);
      dropped = target === undefined;
      if (target !== undefined) child.attrSet("href", target);
    } else if (child.type === "image")
      child.attrSet("src", siteTarget(page, attributeOf(child, "src") ?? "", listed) ?? "");
    if (dropped && (child.type === "link_open" || child.type === "link_close")) {
      dropped = child.type === "link_open";
      child.type = "text";
      child.content = "";
    }
  }
}

/** Prompts stand out. */
writer.renderer.rules["fence"] = (tokens, index): string => {
  const { content = "", info = "" } = tokens[index] ?? {};
  const session = info.startsWith("console");
  const lines = escapeHtml(content.trimEnd())
    .split("\n")
    .map((line) => (session && /^(?:[#$]|&gt;) \S/.test(line) ? `<b>${line}</b>` : line));
  return `<pre><code>${lines.join("\n")}</code></pre>\n`;
};
/** Comments prepare the tests of the sessions. */
writer.renderer.rules["html_block"] = (): string => "";

function commandTable({ name, usage, options }: CommandLine): string {
  const own = options.filter(({ common }) => !common);
  const rows = own.map(({ name: option, short, value, brief, standard }) => {
    const typed = `${short === undefined ? "" : `-${short}, `}--${option}${value === undefined ? "" : `=${value}`}`;
    return `<tr><td><code>${escapeHtml(typed)}</code></td><td>${escapeHtml(brief)}${standard === undefined ? "" : ` [${escapeHtml(standard)}]`}</td></tr>\n`;
  });
  const table = rows.length === 0 ? "" : `<table>\n${rows.join("")}</table>\n`;
  return `<pre><code>holdfast ${escapeHtml(`${name} ${usage}`.trim())} [OPTION]...</code></pre>\n${table}`;
}

/** Every heading of every page; typing narrows the list where there is JavaScript. */
function headingsPage(pages: readonly Page[], menu: readonly Chapter[]): string {
  const lists = pages.map(({ path, text }) => {
    const tokens = parseMarkdown(text);
    const anchors = anchorsOf(tokens);
    const titles = tokens.flatMap((token, index) =>
      token.type === "heading_open" ? [plainText(tokens[index + 1])] : [],
    );
    const items = titles.map(
      (title, index) => `<li><a href="${sitePath(path)}#${anchors[index] ?? ""}">${escapeHtml(title)}</a></li>\n`,
    );
    return `<ul>\n${items.join("")}</ul>\n`;
  });
  const script = `<script>
const box = document.createElement("input");
box.type = "search"; box.placeholder = "Narrow the list"; box.setAttribute("aria-label", "Narrow the list");
document.querySelector("h1").after(box);
box.addEventListener("input", () => { for (const item of document.querySelectorAll("main li")) item.hidden = !item.textContent.toLowerCase().includes(box.value.toLowerCase()); });
</script>`;
  const body = `<h1>All headings</h1>\n${lists.join("")}${script}`;
  return frame({ here: "headings.html", title: "All headings", body, chapters: menu, version: holdfastVersion });
}

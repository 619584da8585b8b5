// The frame of the site's pages: menu, styles for light and dark, nothing that needs JavaScript.
import { type Chapter, sitePath } from "./navigation.ts";

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** From one page of the site to another. */
export function relativeHref(from: string, to: string): string {
  return "../".repeat(from.split("/").length - 1) + to;
}

export const styles = `:root { color-scheme: light dark; --back: #fff; --text: #1c2024; --soft: #59636e; --line: #d7dce2; --code: #f3f5f7; --accent: #0b63b5; --mark: #0a6b3d }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --text: #e3e7eb; --soft: #98a2ad; --line: #31373e; --code: #1d2126; --accent: #75b5f5; --mark: #6fd09a } }
* { box-sizing: border-box }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; color: var(--text); background: var(--back) }
.page { display: grid; grid-template-columns: 15rem minmax(0, 1fr); max-width: 78rem; margin: 0 auto }
nav { padding: 1.5rem 1rem; border-right: 1px solid var(--line); font-size: 0.92rem }
nav strong { display: block; margin: 1rem 0 0.2rem; color: var(--soft); font-size: 0.8rem; text-transform: uppercase; letter-spacing: 0.04em }
nav a { display: block; padding: 0.12rem 0; color: inherit; text-decoration: none }
nav a:hover, nav a:focus { text-decoration: underline }
nav a[aria-current] { color: var(--accent); font-weight: 600 }
nav .name { font-size: 1.15rem; font-weight: 700 }
main { padding: 1.5rem 2rem 4rem; max-width: 60rem }
h1, h2, h3 { line-height: 1.25; margin: 2rem 0 0.6rem; scroll-margin-top: 1rem }
h1 { margin-top: 0 }
h2 { border-top: 1px solid var(--line); padding-top: 1.2rem }
h2 > a, h3 > a { color: inherit; text-decoration: none }
a { color: var(--accent) }
code, pre { font: 0.88em/1.5 ui-monospace, "DejaVu Sans Mono", monospace; background: var(--code) }
code { padding: 0.1em 0.3em; border-radius: 3px }
pre { padding: 0.8rem 1rem; border: 1px solid var(--line); border-radius: 5px; overflow-x: auto }
pre code { padding: 0; background: none; font-size: 1em }
pre b { color: var(--mark) }
.table { overflow-x: auto }
table { border-collapse: collapse; margin: 1rem 0; font-size: 0.94rem }
th, td { border-bottom: 1px solid var(--line); padding: 0.35rem 0.8rem 0.35rem 0; text-align: left; vertical-align: top }
img { max-width: 100%; background: #fff; border-radius: 5px }
input { font: inherit; padding: 0.4rem 0.6rem; width: 100%; max-width: 30rem }
footer { margin-top: 3rem; color: var(--soft); font-size: 0.85rem }
@media (max-width: 50rem) { .page { display: block } nav { border-right: 0; border-bottom: 1px solid var(--line); columns: 2 } main { padding: 1rem } }
`;

function menu(chapters: readonly Chapter[], here: string): string {
  const link = (to: string, title: string): string =>
    `<a href="${relativeHref(here, to)}"${to === here ? ' aria-current="page"' : ""}>${escapeHtml(title)}</a>\n`;
  const lists = chapters.map(
    ({ title, pages }) =>
      `<strong>${title}</strong>\n${pages.map(([path, name]) => link(sitePath(path), name)).join("")}`,
  );
  return `<nav aria-label="Pages"><a class="name" href="${relativeHref(here, "index.html")}">Holdfast</a>\n${lists.join("")}<strong>Look up</strong>\n${link("headings.html", "All headings")}</nav>`;
}

export interface FrameParts {
  /** Path on the site. */
  readonly here: string;
  readonly title: string;
  /** HTML. */
  readonly body: string;
  readonly chapters: readonly Chapter[];
  readonly version: string;
}

export function frame({ here, title, body, chapters, version }: FrameParts): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - Holdfast</title>
<link rel="stylesheet" href="${relativeHref(here, "style.css")}">
</head>
<body>
<div class="page">
${menu(chapters, here)}
<main>
${body}
<footer>Holdfast ${escapeHtml(version)}</footer>
</main>
</div>
</body>
</html>
`;
}

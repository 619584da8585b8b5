// What the documentation's tools know of Markdown: its blocks, its sections, and the anchors that headings get.
import MarkdownIt, { type Token } from "markdown-it";

export type { Token };

const reader = new MarkdownIt({ html: true });

export function parseMarkdown(text: string): readonly Token[] {
  return reader.parse(text, {});
}

/** The value of an attribute, `href` for example. */
export function attributeOf(token: Token, name: string): string | undefined {
  const value = token.attrGet(name);
  return value === null ? undefined : String(value);
}

export interface Section {
  /** 1 for the title of the page. */
  readonly level: number;
  readonly title: string;
  /** What follows the heading, sections below it included. */
  readonly body: string;
  /** The same without the sections below it. */
  readonly own: string;
}

/** Every section of a page, in order. */
export function sectionsOf(text: string): readonly Section[] {
  const lines = text.split("\n");
  const heads = parseMarkdown(text).flatMap((token, index, all) =>
    token.type === "heading_open" && token.level === 0 && token.map !== null
      ? [{ level: Number(token.tag.slice(1)), title: all[index + 1]?.content ?? "", line: token.map[0] }]
      : [],
  );
  return heads.map(({ level, title, line }, index) => {
    const next = heads[index + 1]?.line ?? lines.length;
    const end = heads.slice(index + 1).find((other) => other.level <= level)?.line ?? lines.length;
    return { level, title, body: lines.slice(line + 1, end).join("\n"), own: lines.slice(line + 1, next).join("\n") };
  });
}

/** Text of an inline token without its marks. */
export function plainText(token: Token | undefined): string {
  return (token?.children ?? [])
    .map((child) => (child.type === "softbreak" ? " " : child.type === "image" ? "" : child.content))
    .join("");
}

/** The anchor of a heading, as GitHub makes it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

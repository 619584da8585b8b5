// Dead links: every link and picture of a page leads to a file that is there, and to a heading that it has; every path
// of this repository that a page names in code is there.
import { access } from "node:fs/promises";
import { dirname, join, normalize } from "node:path";
import { anchorOf, attributeOf, parseMarkdown, plainText, type Token } from "./markdown.ts";
import { checkout, type Page } from "./pages.ts";

export interface DeadLink {
  readonly page: string;
  readonly target: string;
  readonly why: string;
}

/** Anchors of a page's headings; one that comes twice gets a number, as on GitHub. */
export function anchorsOf(tokens: readonly Token[]): readonly string[] {
  const seen = new Map<string, number>();
  return tokens.flatMap((token, index) => {
    if (token.type !== "heading_open") return [];
    const anchor = anchorOf(plainText(tokens[index + 1]));
    const times = seen.get(anchor) ?? 0;
    seen.set(anchor, times + 1);
    return [times === 0 ? anchor : `${anchor}-${times}`];
  });
}

interface Mention {
  readonly target: string;
  readonly kind: "link" | "path";
}

/** Names in capitals stand for others; what begins with a dot is an example of something that is made. */
const noExample = (path: string): boolean => !/\/\.|(?:^|\/)(?!README)[A-Z]{2,}/.test(path);
const ownPath = /^(?:src|test|tools|docs|os|packaging|bench|fuzz)\/[\w./-]+[\w]$/;

function mentionsOf(tokens: readonly Token[]): readonly Mention[] {
  return tokens
    .flatMap(({ children }) => children ?? [])
    .flatMap((child): readonly Mention[] => {
      const attribute = child.type === "link_open" ? "href" : child.type === "image" ? "src" : undefined;
      const target = attribute === undefined ? undefined : attributeOf(child, attribute);
      if (target !== undefined) return [{ target, kind: "link" }];
      if (child.type === "code_inline" && ownPath.test(child.content) && noExample(child.content))
        return [{ target: child.content, kind: "path" }];
      return [];
    });
}

async function exists(path: string): Promise<boolean> {
  return access(join(checkout, path)).then(
    () => true,
    () => false,
  );
}

/** Addresses elsewhere are not asked; they only have to be well-formed. */
export async function deadLinks(pages: readonly Page[]): Promise<readonly DeadLink[]> {
  const parsed = new Map(pages.map(({ path, text }) => [path, parseMarkdown(text)]));
  const dead: DeadLink[] = [];
  for (const [page, tokens] of parsed) {
    for (const { target, kind } of mentionsOf(tokens)) {
      const refuse = (why: string): unknown => dead.push({ page, target, why });
      if (kind === "path") {
        // A test may be named without its ending, as `npm test -- WORD` takes it.
        const ends = ["", ".ts", ".test.ts"];
        if (!(await Promise.all(ends.map((end) => exists(target + end)))).includes(true))
          refuse("there is no such file");
        continue;
      }
      if (/^[a-z]+:/.test(target)) {
        if (!URL.canParse(target)) refuse("it is no address");
        continue;
      }
      const [file = "", anchor] = decodeURI(target).split("#");
      const path = file === "" ? page : normalize(join(dirname(page), file)).replace(/\/$/, "");
      if (!(await exists(path))) refuse("there is no such file");
      else if (anchor !== undefined) {
        const other = parsed.get(path);
        if (other === undefined) refuse("a heading of something that is no page");
        else if (!anchorsOf(other).includes(anchor)) refuse("there is no such heading");
      }
    }
  }
  return dead;
}

/** The same for the site: what its pages point at, and which ids they have. */
export function deadSiteLinks(files: ReadonlyMap<string, string>): readonly DeadLink[] {
  const dead: DeadLink[] = [];
  const ids = new Map(
    [...files].map(([path, text]) => [path, new Set([...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id))]),
  );
  for (const [page, text] of files) {
    if (!page.endsWith(".html")) continue;
    for (const [, target = ""] of text.matchAll(/ (?:href|src)="([^"]*)"/g)) {
      if (/^(?:[a-z]+:|data:)/.test(target)) continue;
      const [file = "", anchor] = decodeURI(target).split("#");
      const path = file === "" ? page : normalize(join(dirname(page), file));
      const known = ids.get(path);
      if (known === undefined) dead.push({ page, target, why: "there is no such file" });
      else if (anchor !== undefined && !known.has(anchor)) dead.push({ page, target, why: "there is no such heading" });
    }
  }
  return dead;
}

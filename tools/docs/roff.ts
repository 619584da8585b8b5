// Markdown to roff, with the macros of man(7). Tables become lists of terms, which any width of a terminal can show.
import { attributeOf, parseMarkdown, type Token } from "./markdown.ts";

/** Text that roff prints as it is, whatever it begins with. */
export function escapeRoff(text: string): string {
  return text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replaceAll(
      /[^\t\n\u0020-\u007e]/gu,
      (char) => `\\[u${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}]`,
    )
    .replaceAll(/^(?=[.'])/gm, "\\&");
}

/** An argument of a macro. */
export function quoteRoff(text: string): string {
  return `"${escapeRoff(text).replaceAll('"', "\\(dq")}"`;
}

/** Inline Markdown, for help texts. */
export function inlineRoff(text: string): string {
  const inline = parseMarkdown(text).find(({ type }) => type === "inline");
  return inline === undefined ? "" : inlineOf(inline);
}

function inlineOf(token: Token): string {
  let out = "";
  let target: string | undefined;
  for (const child of token.children ?? []) {
    switch (child.type) {
      case "text":
        out += escapeRoff(child.content);
        break;
      case "code_inline":
        out += `\\fB${escapeRoff(child.content)}\\fP`;
        break;
      case "strong_open":
      case "em_open":
        out += child.type === "em_open" ? "\\fI" : "\\fB";
        break;
      case "strong_close":
      case "em_close":
        out += "\\fP";
        break;
      case "softbreak":
      case "hardbreak":
        out += "\n";
        break;
      case "link_open":
        target = attributeOf(child, "href");
        break;
      case "link_close":
        // Pages of this manual are in the list at its end; what is elsewhere is said.
        if (target !== undefined && /^https?:/.test(target) && !out.endsWith(escapeRoff(target))) {
          out += ` (${escapeRoff(target)})`;
        }
        target = undefined;
        break;
      default:
        break;
    }
  }
  // A line that begins with a dot or an apostrophe, after a mark was taken away.
  return out.replaceAll(/^(?=[.'])/gm, "\\&");
}

/** `.SS` for headings; fenced blocks as they are; a comment in HTML says nothing. */
export function roffOf(markdown: string): string {
  return new Writer(parseMarkdown(markdown)).write();
}

class Writer {
  readonly #tokens: readonly Token[];
  readonly #out: string[] = [];
  readonly #lists: { ordered: boolean; next: number }[] = [];
  /** The next paragraph goes on in the line of a list item's mark. */
  #fresh = false;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  write(): string {
    for (let index = 0; index < this.#tokens.length; index++) {
      const token = this.#tokens[index];
      if (token === undefined) break;
      if (token.type === "table_open") index = this.#table(index);
      else if (token.type === "heading_open") index = this.#heading(index);
      else this.#block(token, this.#tokens[index + 1]);
    }
    return this.#out.map((line) => `${line}\n`).join("");
  }

  #block(token: Token, next: Token | undefined): void {
    switch (token.type) {
      case "paragraph_open":
        if (next?.children?.every(({ type }) => type === "image") === true) break;
        if (this.#fresh) this.#fresh = false;
        else this.#out.push(this.#lists.length > 0 ? ".sp" : ".PP");
        break;
      case "inline":
        if (inlineOf(token) !== "") this.#out.push(inlineOf(token));
        break;
      case "fence":
      case "code_block":
        this.#out.push(".PP", ".RS 4", ".nf", escapeRoff(token.content.trimEnd()), ".fi", ".RE");
        break;
      case "bullet_list_open":
      case "ordered_list_open":
        if (this.#lists.length > 0) this.#out.push(".RS 4");
        this.#lists.push({ ordered: token.type === "ordered_list_open", next: 1 });
        break;
      case "bullet_list_close":
      case "ordered_list_close":
        this.#lists.pop();
        if (this.#lists.length > 0) this.#out.push(".RE");
        break;
      case "list_item_open": {
        const list = this.#lists.at(-1);
        this.#out.push(list?.ordered === true ? `.IP ${list.next++}. 4` : ".IP \\(bu 3");
        this.#fresh = true;
        break;
      }
      default:
        break;
    }
  }

  #heading(index: number): number {
    const title = this.#tokens[index + 1];
    this.#out.push(`.SS ${quoteRoff(title?.children?.map(({ content }) => content).join("") ?? "")}`);
    return index + 2;
  }

  /** The first column is the term; further columns follow with their headings. */
  #table(start: number): number {
    const end = this.#tokens.findIndex((token, index) => index > start && token.type === "table_close");
    const rows: string[][] = [];
    for (const token of this.#tokens.slice(start, end)) {
      if (token.type === "tr_open") rows.push([]);
      else if (token.type === "inline") rows.at(-1)?.push(inlineOf(token));
    }
    const [head = [], ...body] = rows;
    for (const [term = "", ...cells] of body) {
      this.#out.push(".TP", term === "" ? "\\&" : term);
      const told = cells.map((cell, at) => {
        const heading = head[at + 1] ?? "";
        return cell === "" || cells.length === 1 || heading === "" ? cell : `\\fI${heading}:\\fP ${cell}`;
      });
      this.#out.push(told.filter((cell) => cell !== "").join("\n.br\n") || "\\&");
    }
    this.#out.push(".PP");
    return end;
  }
}

// Fenced blocks of the documentation, and what their first line says about running them:
//   ```console SCENE [exit=7]     a session at a prompt, run in that scene, one block after the other down the page
//   ```sh SCENE                   lines to type, run in the same way; nothing is shown
//   ```console skip="reason"      what is not run, and why
// In a session a line that begins with "# " or "$ " is a command, with "> " its continuation; what follows is what it
// printed, "..." for any number of lines. `<!-- run SCENE: COMMAND -->` before a block prepares what a reader would not type.
import { parseMarkdown } from "./markdown.ts";

export interface SessionCommand {
  readonly text: string;
  /** Empty where the page shows nothing: then nothing is compared. */
  readonly shown: string;
}

export interface Block {
  readonly page: string;
  /** Counts from 1. */
  readonly line: number;
  readonly language: string;
  readonly content: string;
  readonly scene?: string;
  readonly skip?: string;
  /** Of the last command. */
  readonly exitCode: number;
  /** It prepares, and shows nothing. */
  readonly hidden: boolean;
}

export class BlockError extends Error {}

function attributes(
  text: string,
  where: string,
): { readonly words: readonly string[]; readonly values: Map<string, string> } {
  const words: string[] = [];
  const values = new Map<string, string>();
  for (const [, name, quoted, bare, word] of text.matchAll(/([a-z]+)=(?:"([^"]*)"|(\S+))|(\S+)/g)) {
    if (name !== undefined) values.set(name, quoted ?? bare ?? "");
    else words.push(word ?? "");
  }
  const unknown = [...values.keys()].find((name) => !["exit", "skip"].includes(name));
  if (unknown !== undefined) throw new BlockError(`${where}: ${unknown}= is not known here`);
  return { words, values };
}

/** All fenced blocks of a page, and what it runs in between. */
export function blocksOf(page: string, text: string): readonly Block[] {
  const blocks: Block[] = [];
  for (const token of parseMarkdown(text)) {
    const line = (token.map?.[0] ?? 0) + 1;
    const where = `${page}:${line}`;
    if (token.type === "fence") {
      const { words, values } = attributes(token.info, where);
      const [language = "", scene] = words;
      const skip = values.get("skip");
      blocks.push({
        page,
        line,
        language,
        content: token.content,
        ...(scene === undefined ? {} : { scene }),
        ...(skip === undefined ? {} : { skip }),
        exitCode: Number(values.get("exit") ?? 0),
        hidden: false,
      });
    } else if (token.type === "html_block") {
      const [, scene, command] = /^<!-- run ([a-z-]+): (.*) -->$/s.exec(token.content.trim()) ?? [];
      if (scene === undefined || command === undefined) continue;
      blocks.push({ page, line, language: "console", content: `# ${command}`, scene, exitCode: 0, hidden: true });
    }
  }
  return blocks;
}

/** The commands of a session, in order. */
export function sessionOf(block: Block): readonly SessionCommand[] {
  if (block.language === "sh") return [{ text: block.content.trim(), shown: "" }];
  const commands: { text: string; shown: string }[] = [];
  for (const line of block.content.split("\n")) {
    const [, prompt, text] = /^([#$>]) (.*)$/.exec(line) ?? [];
    const last = commands.at(-1);
    if (prompt === ">" && last !== undefined && last.shown === "") last.text += `\n${text ?? ""}`;
    else if (prompt !== undefined && prompt !== ">" && text !== undefined) commands.push({ text, shown: "" });
    else if (last !== undefined) last.shown += `${line}\n`;
  }
  return commands.map(({ text, shown }) => ({ text, shown: shown.trimEnd() }));
}

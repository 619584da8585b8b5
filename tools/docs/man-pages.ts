// The manual: a page for each command, from the command table and its section in docs/commands.md, and one for each
// file format and topic, from the page of the documentation.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { exitCodes } from "../../src/cli/exit-code.ts";
import { holdfastVersion } from "../../src/cli/version.ts";
import { type CommandLine, commandGroups, commandLines, sysupdateVerbs } from "./command-table.ts";
import { manualSources } from "./manual-sources.ts";
import { parseMarkdown, type Section, sectionsOf } from "./markdown.ts";
import { escapeRoff, inlineRoff, quoteRoff, roffOf } from "./roff.ts";

export interface ManPage {
  readonly name: string;
  readonly section: number;
  /** roff, for `man -l`. */
  readonly text: string;
}

const root = join(import.meta.dirname, "../..");
const manualName = "Holdfast";

/** `update` is holdfast-update(1), `repo add` holdfast-repo-add(1). */
function manName(command: string): string {
  return `holdfast-${command.replaceAll(" ", "-")}`;
}

/** All pages; the same checkout gives the same bytes. */
export async function manPages(): Promise<readonly ManPage[]> {
  const sections = sectionsOf(await readFile(join(root, "docs/commands.md"), "utf8"));
  const codes = await readFile(join(root, "docs/exit-codes.md"), "utf8");
  const [introduction] = sectionsOf(await readFile(join(root, "README.md"), "utf8"));
  const topics = (await Promise.all(manualSources.map(topicPage))).filter((page) => page !== undefined);
  const also = topics.map(({ name, section }) => `${name}(${section})`);
  return [
    overviewPage(introduction?.own ?? "", sections, also),
    ...commandGroups.map((group) => groupPage(group, sections)),
    ...commandLines.map((line) => commandPage(line, sections, codes)),
    ...topics,
  ];
}

function pageOf(name: string, section: number, brief: string, body: readonly string[]): ManPage {
  const title = [name.toUpperCase(), `${section}`, "", `${manualName} ${holdfastVersion}`, `${manualName} manual`];
  const text =
    `.\\" Made by tools/docs/man-pages.ts\n.TH ${title.map(quoteRoff).join(" ")}\n.nh\n.ad l\n` +
    `.SH NAME\n${escapeRoff(name)} \\- ${escapeRoff(brief)}\n${body.join("")}`;
  return { name, section, text };
}

function part(title: string, body: string): string {
  return body === "" ? "" : `.SH ${quoteRoff(title)}\n${body}`;
}

/** What a list says of a term, as a sentence. */
function sentence(roff: string): string {
  return /[.?!]$/.test(roff) ? roff : `${roff}.`;
}

function terms(rows: readonly (readonly [term: string, text: string])[]): string {
  return rows.map(([term, text]) => `.TP\n${term}\n${text}\n`).join("");
}

function paragraphs(texts: readonly string[]): string {
  return texts.map((text) => `.PP\n${inlineRoff(text)}\n`).join("");
}

function seeAlso(names: readonly string[]): string {
  const links = names.map((name) =>
    name.replace(/^(.*)\((\d)\)$/, (_, page: string, n: string) => `\\fB${escapeRoff(page)}\\fP(${n})`),
  );
  return part("SEE ALSO", `${links.join(",\n")}\n`);
}

const bold = (text: string): string => `\\fB${escapeRoff(text)}\\fP`;

function optionTerms(line: CommandLine, common: boolean): string {
  return terms(
    line.options
      .filter((option) => option.common === common)
      .map(({ name, short, value, brief, standard }) => [
        `${short === undefined ? "" : `${bold(`-${short}`)}, `}${bold(`--${name}`)}${value === undefined ? "" : `=\\fI${escapeRoff(value)}\\fP`}`,
        sentence(inlineRoff(brief) + (standard === undefined ? "" : ` [${escapeRoff(standard)}]`)),
      ]),
  );
}

/** What docs/commands.md says of a command. Headings may be of two: `pin, unpin`. */
export function sectionOf(command: string, sections: readonly Section[]): Section | undefined {
  return sections.find(({ title }) => title.split(", ").includes(command));
}

/** Sentences that its help says in the same words are said once. */
function without(said: readonly string[], markdown: string): string {
  const sentences = (text: string): readonly string[] => text.split(/(?<=[.:])\s+/).map((sentence) => sentence.trim());
  const known = new Set(said.flatMap(sentences));
  const lines = markdown.split("\n");
  const paragraph = parseMarkdown(markdown).filter(({ type, level }) => type === "paragraph_open" && level === 0);
  for (const { map } of paragraph.toReversed()) {
    const [first, end] = map ?? [0, 0];
    const left = sentences(lines.slice(first, end).join(" ")).filter((sentence) => !known.has(sentence));
    lines.splice(first, end - first, left.join(" "));
  }
  return lines.join("\n");
}

function exitStatus(line: CommandLine, codes: string): string {
  if (line.name === "sysupdate") return part("EXIT STATUS", ".PP\n0, or 1 for \\(lqno\\(rq and for every failure.\n");
  const own = codes
    .split(/^- /m)
    .slice(1)
    .filter((item) => item.startsWith(`\`${line.name}\``));
  const rows = exitCodes.map(({ code, meaning }) => [bold(`${code}`), inlineRoff(meaning)] as const);
  const more = own.map((item) => `.PP\n${inlineRoff((item.split("\n\n")[0] ?? "").replaceAll(/\s*\n\s*/g, " "))}\n`);
  return part("EXIT STATUS", terms(rows) + more.join(""));
}

function commandPage(line: CommandLine, sections: readonly Section[], codes: string): ManPage {
  const section = sectionOf(line.name, sections);
  const verbs = line.name !== "sysupdate" ? [] : sysupdateVerbs;
  const neighbours = commandGroups
    .filter((group) => line.name.startsWith(`${group} `))
    .flatMap((group) => [`${manName(group)}(1)`]);
  return pageOf(manName(line.name), 1, line.brief, [
    part("SYNOPSIS", `${bold(`holdfast ${line.name}`)} ${escapeRoff(line.usage)} [\\fIOPTION\\fP]...\n`),
    part("DESCRIPTION", paragraphs(line.description)),
    part(
      "VERBS",
      terms(verbs.map(({ name, usage, brief }) => [bold(name) + escapeRoff(usage), sentence(escapeRoff(brief))])),
    ),
    part("OPTIONS", optionTerms(line, false)),
    part("COMMON OPTIONS", optionTerms(line, true)),
    part(
      "EXAMPLES",
      terms(line.examples.map(({ input, does }) => [bold(`holdfast ${input}`), sentence(inlineRoff(does))])),
    ),
    part("NOTES", section === undefined ? "" : roffOf(without(line.description, section.own))),
    exitStatus(line, codes),
    seeAlso(["holdfast(1)", ...neighbours, ...(line.name.startsWith("repo") ? ["holdfast-repository(5)"] : [])]),
  ]);
}

function groupPage(group: string, sections: readonly Section[]): ManPage {
  const own = commandLines.filter(({ name }) => name.startsWith(`${group} `));
  const briefs: Readonly<Record<string, string>> = {
    image: "Build operating systems, and put them onto disks",
    repo: "Publish releases in a repository",
  };
  return pageOf(manName(group), 1, briefs[group] ?? `Commands of holdfast ${group}`, [
    part("SYNOPSIS", `${bold(`holdfast ${group}`)} \\fICOMMAND\\fP [\\fIOPTION\\fP]...\n`),
    part("DESCRIPTION", roffOf(sectionOf(group, sections)?.own ?? "")),
    part("COMMANDS", commandTerms(own)),
    seeAlso(["holdfast(1)", ...own.map(({ name }) => `${manName(name)}(1)`)]),
  ]);
}

function commandTerms(lines: readonly CommandLine[]): string {
  return terms(
    lines.map(({ name, brief }) => [`\\fB${escapeRoff(manName(name))}\\fP(1)`, sentence(escapeRoff(brief))]),
  );
}

/** What all commands share is told on their page, behind a paragraph about that page itself. */
function overviewPage(introduction: string, sections: readonly Section[], also: readonly string[]): ManPage {
  const [first] = commandLines;
  const environment = sectionOf("Environment", sections)?.own ?? "";
  const common = (sections[0]?.own ?? "").trim().split("\n\n").slice(1).join("\n\n");
  return pageOf("holdfast", 1, "update image-based Linux systems without leaving one unbootable", [
    part("SYNOPSIS", `${bold("holdfast")} \\fICOMMAND\\fP [\\fIOPTION\\fP]...\n`),
    part("DESCRIPTION", roffOf(introduction) + roffOf(common)),
    part("COMMANDS", commandTerms(commandLines)),
    part("COMMON OPTIONS", first === undefined ? "" : optionTerms(first, true)),
    part("ENVIRONMENT", roffOf(environment)),
    part("FILES", roffOf(sectionOf("Files", sections)?.own ?? "")),
    part("EXIT STATUS", terms(exitCodes.map(({ code, meaning }) => [bold(`${code}`), inlineRoff(meaning)]))),
    seeAlso([...also, "sysupdate.d(5)", "systemd-boot(7)", "systemd-bless-boot.service(8)"]),
  ]);
}

async function topicPage(source: (typeof manualSources)[number]): Promise<ManPage | undefined> {
  const text = await readFile(join(root, source.page), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  const [title, ...all] = sectionsOf(text);
  const chosen = all.filter(
    ({ level, title: name }) => level === 2 && (source.only === undefined || source.only.includes(name)),
  );
  return pageOf(source.name, source.section, source.brief, [
    source.only === undefined ? part("DESCRIPTION", roffOf(title?.own ?? "")) : "",
    ...chosen.map(({ title: name, body }) => part(name.toUpperCase().replaceAll("`", ""), roffOf(body))),
    seeAlso(["holdfast(1)"]),
  ]);
}

// Writes what the bench of deltas found: its own page, and the README's section between two markers.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pairs, systems } from "../images/recipes.ts";
import { median } from "../measure.ts";
import {
  cpuRatio,
  megabytes,
  peakMemory,
  publisherSecondsPerGb,
  remedies,
  twoDigits,
  verdicts,
  wallRatio,
} from "./goals.ts";
import { methods, yardstick } from "./methods.ts";
import type { MethodResult, PairResult, Results } from "./results.ts";

const begin = "<!-- written by npm run bench -- delta -->";
const end = "<!-- end of what npm run bench -- delta writes -->";

/** The page; also written as `results.md`. */
export async function writePages(results: Results): Promise<string> {
  const page = resultsPage(results);
  await writeFile(join(import.meta.dirname, "results.md"), page);
  const readme = join(import.meta.dirname, "../../README.md");
  const text = await readFile(readme, "utf8");
  const replaced = replaceSection(text, readmeSection(results));
  if (replaced !== undefined && replaced !== text) await writeFile(readme, replaced);
  return page;
}

/** `undefined` where the text has no such section. */
export function replaceSection(text: string, section: string): string | undefined {
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  return from < 0 || to < from ? undefined : `${text.slice(0, from + begin.length)}\n${section}\n${text.slice(to)}`;
}

export function resultsPage(results: Results): string {
  const all = inOrder(results);
  return [
    "# Measured: from one image to the next",
    "",
    `Written by \`npm run bench -- delta\` on ${results.machine}.`,
    "",
    "Bytes and requests are the web server's count, of everything that a client asks for. Client CPU and wall time are",
    "medians of the ratio to desync at 64 KiB in the same round, on a loopback link; memory is the peak of the client: of our",
    "processes together (PSS), of another program its largest resident set. Publisher CPU is for the newer release, a GB of",
    "image. What the store grows by leaves out the image itself. Every result was compared with the newer image byte for byte.",
    "",
    "Ours are whole updates of a machine: the way back is read and proven, what came is flushed, read back from the medium, and",
    "audited, which desync, casync, zsync and the patch tools do not do. Our repository is one without the second store of",
    "chunks that desync and casync would use; with it the store grows by what desync's does as well.",
    "",
    "The images are EROFS (`-zzstd,3 -C65536 --chunksize 65536`) of Debian packages that are unpacked one over the other, as",
    "the mirror had them on that day. None is installed, so there is no initrd in them; documentation is left out.",
    "",
    ...table(["pair", "from", "to", "image, MB", "content, MB", "packages changed"], all.map(pairRow)),
    "",
    ...all.flatMap((pair) => [`## ${pair.name}`, "", ...methodTable(pair), ""]),
    "## Goals",
    "",
    ...goalTable(all),
    "",
    ...(missesOf(all).length === 0 ? [] : ["What the misses would take:", "", ...missesOf(all), ""]),
  ].join("\n");
}

function readmeSection(results: Results): string {
  const all = inOrder(results).filter(({ name }) => name !== "small");
  const named = methods.filter(({ id }) => all.some((pair) => find(pair, id) !== undefined));
  const rows = named.map(({ id, title }) => [title, ...all.map((pair) => bytesCell(pair, find(pair, id)))]);
  const header = [
    "to download, MB (of desync's)",
    ...all.map(({ name, newer }) => `${name}, ${megabytes(newer.sizeBytes)} MB`),
  ];
  return ["", ...table(header, rows), "", ...goalTable(all), ""].join("\n");
}

function inOrder({ pairs: measured }: Results): readonly PairResult[] {
  return Object.keys(pairs).flatMap((name) => measured.filter((pair) => pair.name === name));
}

function find(pair: PairResult, id: string): MethodResult | undefined {
  return pair.methods.find((method) => method.id === id);
}

function pairRow(pair: PairResult): readonly string[] {
  const [older, newer] = pairs[pair.name].map(suitesOf);
  return [
    pair.name,
    older ?? "",
    newer ?? "",
    `${megabytes(pair.older.sizeBytes)} → ${megabytes(pair.newer.sizeBytes)}`,
    `${megabytes(pair.older.contentBytes)} → ${megabytes(pair.newer.contentBytes)}`,
    `${pair.changedPackages} of ${pair.packages} (${pair.builtAt.slice(0, 10)})`,
  ];
}

function suitesOf(image: string): string {
  const system = systems.find(({ images }) => images.some(({ name }) => name === image));
  const plain = system?.images.find(({ name }) => name === image)?.plainModules === true;
  return `${system?.suites.replaceAll("+", " + ") ?? ""}${plain ? ", modules as .ko" : ""}`;
}

function methodTable(pair: PairResult): readonly string[] {
  const header = [
    "method",
    "MB",
    "of desync's",
    "requests",
    "client CPU",
    "client wall",
    "memory, MB",
    "publisher CPU, s/GB",
    "store, MB",
  ];
  const base = find(pair, yardstick);
  const rows = methods.flatMap(({ id }) => {
    const method = find(pair, id);
    if (method === undefined || base === undefined) return [];
    const memory = peakMemory(method);
    return [
      [
        method.title,
        megabytes(method.bytes),
        twoDigits(method.bytes / base.bytes),
        String(method.requests),
        `${twoDigits(cpuRatio(method))} (${seconds(method, "cpuSeconds")})`,
        `${twoDigits(wallRatio(method))} (${seconds(method, "wallSeconds")})`,
        memory === undefined ? "" : megabytes(memory),
        publisherSecondsPerGb(pair, method).toFixed(0),
        megabytes(method.published.storeBytes),
      ],
    ];
  });
  return [...table(header, rows), ...pair.methods.flatMap(stepsOf)];
}

/** Where the time of one of ours went. */
function stepsOf({ title, steps = [] }: MethodResult): readonly string[] {
  const long = steps
    .filter(({ seconds }) => seconds >= 0.1)
    .map((step) => `${step.title} ${step.seconds.toFixed(1)} s`);
  return long.length === 0 ? [] : ["", `${title}, by step: ${long.join("; ")}.`];
}

/** What would have to be done, for the goals that some pair misses. */
function missesOf(all: readonly PairResult[]): readonly string[] {
  const missed = new Set(
    all
      .flatMap(verdicts)
      .filter(({ met }) => !met)
      .map(({ id, what }) => `${id} ${what}`),
  );
  return Object.entries(remedies)
    .filter(([key]) => missed.has(key))
    .map(([, text]) => `- ${text}`);
}

function goalTable(all: readonly PairResult[]): readonly string[] {
  const rows = all
    .flatMap(verdicts)
    .map(({ pair, method, what, goal, measured, met }) => [
      pair,
      method,
      what,
      measured,
      goal,
      met ? "met" : "**missed**",
    ]);
  return table(["pair", "method", "what", "measured", "goal", ""], rows);
}

function bytesCell(pair: PairResult, method: MethodResult | undefined): string {
  const base = find(pair, yardstick);
  if (method === undefined || base === undefined) return "";
  return `${megabytes(method.bytes)} (${twoDigits(method.bytes / base.bytes)})`;
}

function seconds({ rounds }: MethodResult, what: "cpuSeconds" | "wallSeconds"): string {
  return `${median(rounds.map((round) => round[what])).toFixed(1)} s`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(3, ...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(header), `|${widths.map((width) => "-".repeat(width + 2)).join("|")}|`, ...rows.map(line)];
}

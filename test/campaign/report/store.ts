// Keeps what parts found, docs/reliability/NAME.json, and writes the page from all that is kept.
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { PartResult } from "../part.ts";
import { overview } from "./overview.ts";
import { renderPage } from "./page.ts";

const docs = join(import.meta.dirname, "../../../docs");
const folder = join(docs, "reliability");
const pagePath = join(docs, "reliability.md");
const picturePath = join(folder, "overview.svg");

/** A smaller run does not replace a larger one: the answer says so then. */
export async function keepResult(result: PartResult): Promise<string | undefined> {
  const path = join(folder, `${result.name}.json`);
  const kept = await readFile(path, "utf8").then(
    (text) => JSON.parse(text) as PartResult,
    () => undefined,
  );
  if (kept !== undefined && kept.scale > result.scale)
    return `Not kept: scale ${result.scale} is less than that of ${path}, which is ${kept.scale}.`;
  await mkdir(folder, { recursive: true });
  await replace(path, `${JSON.stringify(result, null, 2)}\n`);
  return undefined;
}

export interface Page {
  readonly text: string;
  readonly picture: string;
}

/** The page as it should be. Parts that `order` does not name come last. */
export async function makePage(order: readonly string[]): Promise<Page> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(".json")).toSorted();
  const results = await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8")) as PartResult),
  );
  const place = ({ name }: PartResult): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const sorted = results.toSorted((a, b) => place(a) - place(b));
  return { text: renderPage(sorted), picture: overview(sorted) };
}

/** The page as it is. */
export async function readPage(): Promise<Page> {
  const read = async (path: string): Promise<string> => readFile(path, "utf8").catch(() => "");
  return { text: await read(pagePath), picture: await read(picturePath) };
}

export async function writePage(order: readonly string[]): Promise<void> {
  const { text, picture } = await makePage(order);
  await mkdir(folder, { recursive: true });
  await replace(picturePath, picture);
  await replace(pagePath, text);
}

async function replace(path: string, text: string): Promise<void> {
  // Parts may run beside one another: each writes under a name of its own.
  const staging = `${path}.${process.pid}`;
  await writeFile(staging, text);
  await rename(staging, path);
}

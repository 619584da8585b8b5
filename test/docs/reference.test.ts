// Reference pages that stand beside code: every key and field that is read is on its page, and the examples are real.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import {
  formatReleaseIndex,
  formatReleaseManifest,
  parseReleaseIndex,
  parseReleaseManifest,
} from "../../src/format/release-files.ts";
import { transferKeys } from "../../src/format/transfer-keys.ts";
import { commandLines } from "../../tools/docs/command-table.ts";
import { blocksOf } from "../../tools/docs/blocks.ts";
import { sectionOf } from "../../tools/docs/man-pages.ts";
import { sectionsOf } from "../../tools/docs/markdown.ts";
import { checkout } from "../../tools/docs/pages.ts";

const page = async (name: string): Promise<string> => readFile(join(checkout, "docs", name), "utf8");
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("every key of a transfer is in the table of its section", async () => {
  const text = await page("definitions.md");
  const draft: Parameters<typeof transferKeys>[0] = {
    transfer: {},
    lists: { protectVersions: [], changeLog: [], appStream: [], features: [], requisiteFeatures: [] },
    source: { patterns: [] },
    target: { patterns: [] },
  };
  const tables = new Map(text.split("\n\n").map((block) => [/^\| `\[(\w+)\]`/.exec(block)?.[1] ?? "", block]));
  const lacking = Object.keys(transferKeys(draft, { expand: (value: string) => value } as never)).filter((key) => {
    const [section = "", name = ""] = key.split(".");
    return tables.get(section)?.includes(`\`${name}=\``) !== true;
  });
  assert.deepEqual(lacking, []);
});

test("the examples of the formats are read, and written again as they stand", async () => {
  const blocks = blocksOf("docs/formats.md", await page("formats.md"));
  const example = (name: string): string => blocks.find(({ scene }) => scene === name)?.content ?? "";
  const decoded = (content: Uint8Array): string => new TextDecoder().decode(content);
  assert.equal(decoded(formatReleaseIndex(parseReleaseIndex(bytes(example("index"))))), example("index"));
  assert.equal(decoded(formatReleaseManifest(parseReleaseManifest(bytes(example("manifest"))))), example("manifest"));
});

test("every command has a section in docs/commands.md", async () => {
  const sections = sectionsOf(await page("commands.md"));
  assert.deepEqual(
    commandLines.map(({ name }) => name).filter((name) => sectionOf(name, sections) === undefined),
    [],
  );
});

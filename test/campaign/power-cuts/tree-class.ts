// Names a tree of files by the class of each: two trees with the same name are the same to the next command (issue 3: a
// file cut at every byte counts once).
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { LabRelease } from "../../../tools/lab/release.ts";

/** Smaller files are told apart by every byte. */
const wholeBytesMax = 16 << 10;
const blockBytes = 4096;

export interface Published {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: Buffer;
}

export async function publishedFiles(releases: readonly LabRelease[]): Promise<readonly Published[]> {
  const files = releases.flatMap((release) => release.files);
  return Promise.all(files.map(async ({ name, sha256, path }) => ({ name, sha256, bytes: await readFile(path) })));
}

/** The names and classes of all files below `root`, as one digest. */
export async function classOfTree(root: string, published: readonly Published[]): Promise<string> {
  const found = await readdir(root, { withFileTypes: true, recursive: true });
  const hash = createHash("sha256");
  for (const entry of found.map((one) => join(one.parentPath, one.name)).toSorted()) {
    const bytes = await readFile(entry).catch((error: NodeJS.ErrnoException) => error);
    const what = bytes instanceof Error ? (bytes.code ?? bytes.message) : classOf(basename(entry), bytes, published);
    hash.update(`${relative(root, entry)} ${what}\n`);
  }
  return hash.digest("hex");
}

/** Empty, zero, whole, a beginning, with holes, or other bytes. */
export function classOf(name: string, bytes: Buffer, published: readonly Published[]): string {
  if (bytes.length === 0) return "empty";
  if (bytes.every((byte) => byte === 0)) return "zero";
  // The journal is for people (P7): how far it got matters less than whether its end can be read.
  if (name === "journal.jsonl") return bytes.includes(0) ? "holes" : bytes.at(-1) === 10 ? "lines" : "a torn line";
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const whole = published.find((file) => file.sha256 === sha256);
  if (whole !== undefined) return whole.name;
  if (bytes.length <= wholeBytesMax) return sha256;
  for (const file of published) {
    const kind = likeness(bytes, file.bytes);
    if (kind !== undefined) return `${kind} of ${file.name}`;
  }
  return "other bytes";
}

function likeness(bytes: Buffer, whole: Buffer): "part" | "holes" | undefined {
  if (bytes.length < whole.length && bytes.equals(whole.subarray(0, bytes.length))) return "part";
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.subarray(at, at + blockBytes);
    if (!block.equals(whole.subarray(at, at + block.length)) && block.some((byte) => byte !== 0)) return undefined;
  }
  return "holes";
}

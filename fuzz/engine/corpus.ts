// The stored inputs of a target: small files, named by their digest.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Together with every other target's they are to stay small: they travel with the sources. */
const storedBytesMax = 40 * 1024;
const nameLength = 16;

export function nameOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex").slice(0, nameLength);
}

export async function readCorpus(folder: string): Promise<Uint8Array[]> {
  const names: string[] = await readdir(folder).catch(() => []);
  return Promise.all(names.toSorted().map(async (name) => new Uint8Array(await readFile(join(folder, name)))));
}

/** Replaces what is stored by these, the first of them as far as there is room. */
export async function storeCorpus(folder: string, inputs: readonly Uint8Array[]): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  let room = storedBytesMax;
  for (const bytes of inputs) {
    room -= bytes.length;
    if (room >= 0) await writeFile(join(folder, nameOf(bytes)), bytes);
  }
}

/** Puts an input where it can be looked at and run again; gives its path. */
export async function storeInput(folder: string, bytes: Uint8Array): Promise<string> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, nameOf(bytes));
  await writeFile(path, bytes);
  return path;
}

// Where the demonstration happens: one folder of its own, and nothing outside it.
import { access, constants, mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

export const checkout: string = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

const marker = "made-by-npm-start";

/** The folder, as the last demonstration left it. */
export const usualPlace: string = join(checkout, "demo");

/** Makes it anew: `demo/` of the checkout, or a temporary folder where that cannot be written. */
export async function makePlace(): Promise<string> {
  const writable = await access(checkout, constants.W_OK).then(
    () => true,
    () => false,
  );
  const folder = writable ? usualPlace : await mkdtemp(join(tmpdir(), "holdfast-demo-"));
  const present = await readdir(folder).catch((): string[] => []);
  if (present.length > 0 && !present.includes(marker)) {
    throw new Error(`Cannot use ${folder}: it holds something that no demonstration made. Move it away.`);
  }
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, marker), "This folder is made anew by every `npm start`.\n");
  return folder;
}

/** A path as a person in the checkout would type it. */
export function shown(path: string): string {
  const inside = relative(checkout, path);
  return inside.startsWith("..") ? path : inside;
}

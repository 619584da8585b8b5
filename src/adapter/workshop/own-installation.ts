// Where Holdfast itself is: what goes into an image that it is a part of.
import { existsSync } from "node:fs";
import { readFile, realpath } from "node:fs/promises";
import { join } from "node:path";
import { isSea } from "node:sea";
import type { HoldfastSource } from "../../image/bring-holdfast.ts";

interface PackageFile {
  readonly dependencies?: Readonly<Record<string, string>>;
}

const depthMax = 16;
/** Stand-ins for Node's own modules under another runtime. */
const forBare = /^bare-/;

/** Its packages are found as Node finds them: beside the package that needs them, or in a folder above. */
export async function ownInstallation(): Promise<HoldfastSource> {
  if (isSea()) return { kind: "single", executable: process.execPath, root: "" };
  const folder = await realpath(join(import.meta.dirname, "../../.."));
  const packages = new Map<string, string>();
  let round = await neededBy(folder);
  for (let depth = 0; round.length > 0 && depth < depthMax; depth++) {
    const next: string[] = [];
    for (const name of round) {
      const place = join(folder, "node_modules", name);
      if (packages.has(name) || forBare.test(name) || !existsSync(place)) continue;
      packages.set(name, place);
      next.push(...(await neededBy(place)));
    }
    round = next;
  }
  return { kind: "checkout", folder, node: await realpath(process.execPath), packages };
}

async function neededBy(folder: string): Promise<readonly string[]> {
  const { dependencies } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as PackageFile;
  return Object.keys(dependencies ?? {});
}

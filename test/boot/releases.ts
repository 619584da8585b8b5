// Releases of the reference OS for the tests that boot, built as `holdfast image build` builds them and kept in the cache
// folder by what they are made from, so that only the first run takes time.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { ownInstallation } from "../../src/adapter/workshop/own-installation.ts";
import { nodeWorkshop } from "../../src/adapter/workshop/node-workshop.ts";
import { parseRecipe } from "../../src/format/recipe.ts";
import { type BuildRequest, buildImage } from "../../src/image/build.ts";
import {
  type InstallLayout,
  type InstallRole,
  installFileName,
  installLayouts,
} from "../../src/image/install-release.ts";
import { cacheFolder } from "../../tools/toolbox/toolbox.ts";

const checkout = join(import.meta.dirname, "../..");
const recipeFile = join(checkout, "os/reference/recipe.conf");

export interface BootReleaseOptions {
  readonly version: string;
  /** `tiny` unless told. */
  readonly profile?: string;
  readonly signingKey?: string;
  readonly secureBoot?: BuildRequest["secureBoot"];
  /** Another recipe than the reference OS's, absolute. */
  readonly recipe?: string;
  readonly say?: (line: string) => void;
  /** Build it though there is one, and look at what came of it. */
  readonly again?: (folder: string) => Promise<void>;
}

export interface BootRelease {
  readonly name: string;
  readonly version: string;
  /** Has the files of both layouts, SHA256SUMS, and SHA256SUMS.gpg where it was signed. Nobody writes there. */
  readonly folder: string;
  /** The path of one of its files. */
  path(layout: InstallLayout, role: InstallRole): string;
}

/** The files that a machine of a layout fetches. */
export const rolesOf: Readonly<Record<InstallLayout, readonly InstallRole[]>> = {
  kde: ["usr", "entry"],
  ab: ["usr", "verity", "entry"],
};

/** What a machine of either layout fetches of a release, in millions of bytes. Emulated machines hash 77 in a second. */
export async function megabytesOf(release: BootRelease): Promise<readonly number[]> {
  const sum = async (layout: InstallLayout): Promise<number> => {
    const files = await Promise.all(rolesOf[layout].map((role) => stat(release.path(layout, role))));
    return files.reduce((bytes, { size }) => bytes + size, 0) / 1e6;
  };
  return Promise.all(installLayouts.map(sum));
}

/** What a build depends on, below the checkout. */
const ingredients = {
  always: [
    "os",
    "src/image",
    "src/adapter/workshop",
    "src/adapter/debian",
    "src/format/recipe.ts",
    "package-lock.json",
  ],
  holdfast: ["src", "packaging"],
};

/** Makes a release, or takes it from the cache. Faults where packages cannot be had. */
export async function bootRelease(options: BootReleaseOptions): Promise<BootRelease> {
  const { version, profile = "tiny", say = () => undefined, recipe: file = recipeFile } = options;
  const recipe = parseRecipe(file, await readFile(file, "utf8"));
  const hasHoldfast = recipe.profiles.find(({ name }) => name === profile)?.holdfast ?? false;
  const key = await cacheKey(
    options,
    hasHoldfast ? [...ingredients.always, ...ingredients.holdfast] : ingredients.always,
  );
  const folder = join(cacheFolder(), "boot-releases", `${profile}_${version}-${key}`);
  if (options.again !== undefined || !existsSync(folder)) {
    say(`building release ${version} of the profile ${profile}`);
    await mkdir(dirname(folder), { recursive: true });
    const output = await mkdtemp(join(dirname(folder), ".building-"));
    try {
      await using workshop = await nodeWorkshop({
        cache: cacheFolder(),
        output,
        say,
        signal: new AbortController().signal,
      });
      const request: BuildRequest = {
        recipe,
        recipeFile: file,
        recipeFolder: dirname(file),
        version,
        profile,
        layouts: ["kde", "ab"],
        output,
        ...(options.signingKey === undefined ? {} : { signingKey: options.signingKey }),
        ...(options.secureBoot === undefined ? {} : { secureBoot: options.secureBoot }),
      };
      await buildImage(workshop, { report: () => undefined }, request, await ownInstallation());
      await workshop[Symbol.asyncDispose]();
      if (options.again !== undefined) await options.again(output);
      // Another test may have made the same meanwhile.
      await rename(output, folder).catch((error: unknown) => {
        if (!existsSync(folder)) throw error;
      });
      await removeOlder(folder);
    } finally {
      await rm(output, { recursive: true, force: true });
    }
  }
  const path = (layout: InstallLayout, role: InstallRole): string =>
    join(folder, installFileName(recipe.name, version, layout, role));
  return { name: recipe.name, version, folder, path };
}

const keptMs = 2 * 24 * 3600_000;

/** Those of the same profile and version that were made of other sources, days ago. */
async function removeOlder(folder: string): Promise<void> {
  const stem = basename(folder).replace(/-[0-9a-f]+$/, "-");
  for (const name of await readdir(dirname(folder))) {
    const path = join(dirname(folder), name);
    // What a run that was killed left goes too.
    if (path === folder || !(name.startsWith(stem) || name.startsWith(".building-"))) continue;
    if ((await stat(path)).mtimeMs < Date.now() - keptMs) await rm(path, { recursive: true, force: true });
  }
}

async function cacheKey(options: BootReleaseOptions, places: readonly string[]): Promise<string> {
  const hash = createHash("sha256").update(JSON.stringify([options.version, options.profile, process.version]));
  const { signingKey, secureBoot, recipe } = options;
  for (const file of [signingKey, secureBoot?.privateKey, secureBoot?.certificate, recipe])
    hash.update(file === undefined ? "\0" : await readFile(file));
  for (const place of places) {
    for (const file of await filesOf(join(checkout, place))) {
      // In the image, and of no consequence to a boot.
      if (file.startsWith(join(checkout, "src/sim/"))) continue;
      hash.update(`${relative(checkout, file)}\0`);
      hash.update(await readFile(file));
    }
  }
  return hash.digest("hex").slice(0, 16);
}

async function filesOf(place: string): Promise<readonly string[]> {
  const entries = await readdir(place, { recursive: true, withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return existsSync(place) ? [place] : [];
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".test.ts") && !entry.name.endsWith(".md"))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

// Pairs of images to compare, from the cache or built on the spot: `imagePair("rolling")`. One is built at a time; a
// `.json` beside each says what is in it. Built again only when it is asked for under another recipe.
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { AptSource } from "../../src/adapter/debian/apt.ts";
import { lockCache } from "../../src/adapter/debian/cache-lock.ts";
import { unpackTree } from "../../src/adapter/debian/unpack.ts";
import { sha256OfFile } from "../../tools/lab/release.ts";
import { cacheFolder, describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { packImage, unpackModules } from "./pack.ts";
import { type PairName, pairs, type System, type SystemImage, systems } from "./recipes.ts";

export interface BuiltImage {
  readonly name: string;
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
  /** Of all files in it, before compression. */
  readonly contentBytes: number;
  readonly files: number;
  /** `NAME_VERSION`, sorted. */
  readonly packages: readonly string[];
  /** When the packages were fetched: a mirror moves on. */
  readonly builtAt: string;
}

export interface ImagePair {
  readonly name: PairName;
  readonly older: BuiltImage;
  readonly newer: BuiltImage;
}

export interface ImageOptions {
  /** Gets a line for each thing that takes time. */
  readonly say?: (line: string) => void;
  readonly cache?: string;
}

/** Changes when images are to be made anew though their recipe says the same. */
const recipeFormat = 1;

/** The two images of a pair; takes minutes, and the network, the first time. Throws a DebianError without it. */
export async function imagePair(name: PairName, options: ImageOptions = {}): Promise<ImagePair> {
  const [older, newer] = pairs[name];
  return { name, older: await builtImage(older, options), newer: await builtImage(newer, options) };
}

/** The pair if it is in the cache. */
export async function imagePairAtHand(name: PairName, options: ImageOptions = {}): Promise<ImagePair | undefined> {
  const folder = imagesFolder(options);
  const [older, newer] = await Promise.all(pairs[name].map((image) => known(folder, image)));
  return older === undefined || newer === undefined ? undefined : { name, older, newer };
}

/** How many packages differ between the two, and how many there are. */
export function changedPackages({ older, newer }: ImagePair): { readonly changed: number; readonly all: number } {
  const before = new Set(older.packages);
  return { changed: newer.packages.filter((name) => !before.has(name)).length, all: newer.packages.length };
}

async function builtImage(name: string, options: ImageOptions): Promise<BuiltImage> {
  const folder = imagesFolder(options);
  const found = await known(folder, name);
  if (found !== undefined) return found;
  const say = options.say ?? ((): undefined => undefined);
  await mkdir(folder, { recursive: true });
  using _lock = await lockCache(folder, () => say("waiting for another bench to finish its images"));
  const meanwhile = await known(folder, name);
  if (meanwhile !== undefined) return meanwhile;
  await build(folder, systemOf(name), say);
  const built = await known(folder, name);
  if (built === undefined) throw new Error(`Cannot find the image ${name} that was just built`);
  return built;
}

async function build(folder: string, system: System, say: (line: string) => void): Promise<void> {
  const tools = await ensureTools(["mkfs.erofs-1.9"], { say });
  if (tools.missing.length > 0) throw new Error(describeMissing(tools.missing).join("\n"));
  const source = new AptSource(folder, say, join(folder, "packages"));
  const packages = await source.fetch(system.suites, system.packages);
  const tree = join(folder, "tree");
  await rm(tree, { recursive: true, force: true });
  say(`unpacking ${packages.length} packages of ${system.suites}`);
  // Documentation is what images leave out; languages they have.
  await unpackTree(packages, tree, ["doc", "man", "lintian", "bug"]);
  const names = packages.map((file) => basename(file).replace(/_[^_]*\.deb$/, "")).toSorted();
  // Modules are decompressed last: the tree serves both.
  for (const image of system.images.toSorted((a, b) => Number(a.plainModules) - Number(b.plainModules))) {
    if (image.plainModules) await unpackModules(tree);
    say(`packing ${image.name}`);
    const target = fileOf(folder, image);
    const contents = await packImage(tools.path("mkfs.erofs-1.9"), tree, `${target}.new`);
    const { size: sizeBytes } = await stat(`${target}.new`);
    const sha256 = await sha256OfFile(`${target}.new`);
    const built: Omit<BuiltImage, "path"> = {
      name: image.name,
      sizeBytes,
      sha256,
      ...contents,
      packages: names,
      builtAt: new Date().toISOString(),
    };
    await rename(`${target}.new`, target);
    await writeFile(`${target}.json.new`, `${JSON.stringify(built, undefined, 1)}\n`);
    await rename(`${target}.json.new`, `${target}.json`);
    say(`${image.name}: ${(sizeBytes / 1e6).toFixed(0)} MB of ${(contents.contentBytes / 1e6).toFixed(0)} MB`);
  }
  await rm(tree, { recursive: true, force: true });
}

async function known(folder: string, name: string): Promise<BuiltImage | undefined> {
  const system = systemOf(name);
  const image = system.images.find((each) => each.name === name);
  if (image === undefined) return undefined;
  const path = fileOf(folder, image);
  if (!existsSync(path)) return undefined;
  const text = await readFile(`${path}.json`, "utf8").catch(() => undefined);
  return text === undefined ? undefined : { ...(JSON.parse(text) as Omit<BuiltImage, "path">), path };
}

function imagesFolder({ cache = cacheFolder() }: ImageOptions): string {
  return join(cache, "images");
}

function fileOf(folder: string, image: SystemImage): string {
  const { suites, packages } = systemOf(image.name);
  const key = createHash("sha256").update(JSON.stringify([recipeFormat, suites, packages, image]));
  return join(folder, `${image.name}-${key.digest("hex").slice(0, 8)}.erofs`);
}

function systemOf(name: string): System {
  const system = systems.find(({ images }) => images.some((image) => image.name === name));
  if (system === undefined) throw new Error(`Cannot build the image ${name}: no recipe names it`);
  return system;
}

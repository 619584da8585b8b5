// The agent as a part of the image: its sources and units, what it needs at run time, its own runtime, so that no other Node
// matters, and its sources compiled ahead, which is most of the time that a command takes.
import type { Build } from "./build.ts";
import { ownFile, placeOf, unitFolders } from "./package-places.ts";

/** Where Holdfast itself is on the host: a checkout, or the single executable of a package. */
export type HoldfastSource = HoldfastCheckout | HoldfastSingle;

interface HoldfastCheckout {
  readonly kind: "checkout";
  /** The folder with `src`, `package.json` and `packaging`. */
  readonly folder: string;
  /** The runtime. */
  readonly node: string;
  /** Folders of the packages it needs at run time, by name. */
  readonly packages: ReadonlyMap<string, string>;
}

interface HoldfastSingle {
  readonly kind: "single";
  readonly executable: string;
  /** The root below which its units are. */
  readonly root: string;
}

const place = "usr/lib/holdfast";

/** Of packages: what is read by people and other tools, and variants for browsers. */
const neverRun = /\.(md|map|d\.[cm]?ts)$|(^|\/)(test|tests|docs)$|^dist\/(lightweight|openpgp[^/]*)$/;

const launcher = `#!/bin/sh
# Starts Holdfast with its own runtime. The name it was called by goes along.
HOLDFAST_INVOKED_AS=\${0##*/}
MALLOC_ARENA_MAX=\${MALLOC_ARENA_MAX:-1}
NODE_COMPILE_CACHE=/${place}/compiled
NODE_COMPILE_CACHE_PORTABLE=1
export HOLDFAST_INVOKED_AS MALLOC_ARENA_MAX NODE_COMPILE_CACHE NODE_COMPILE_CACHE_PORTABLE
exec /${place}/node --max-semi-space-size=1 --disable-warning=ExperimentalWarning /${place}/src/main.ts "$@"
`;

/** Loads every module but those that are processes of their own, tests' help, and the simulator. */
const compileAll = `import { readdirSync } from "node:fs";
const root = process.argv[2];
for (const path of readdirSync(root, { recursive: true }).sort())
  if (path.endsWith(".ts") && !/^sim\\/|(^|[/-])worker\\.ts$|^main\\.ts$/.test(path)) await import(root + "/" + path).catch(() => undefined);
process.exit(0);
`;

/** The seed, and a heap in which nothing is ever collected, are what makes the result the same each time. */
const compileOptions = [
  "--random-seed=1",
  "--min-semi-space-size=256",
  "--max-semi-space-size=256",
  "--disable-warning=ExperimentalWarning",
];

export async function bringHoldfast(build: Build, source: HoldfastSource): Promise<void> {
  if (source.kind === "single") await bringSingle(build, source);
  else await bringCheckout(build, source);
}

/** All of it is in one file, and the units are where its package has put them. */
async function bringSingle({ workshop, tree }: Build, { executable, root }: HoldfastSingle): Promise<void> {
  await workshop.copyFile(executable, `${tree}/usr/bin/holdfast`);
  await workshop.setMode(`${tree}/usr/bin/holdfast`, 0o755);
  for (const folder of unitFolders) {
    if ((await workshop.kindOf(`${root}/${folder}`)) !== "folder") continue;
    for (const { path, kind } of await workshop.list(`${root}/${folder}`))
      if (kind === "file" && ownFile.test(path))
        await workshop.copyFile(`${root}/${folder}/${path}`, `${tree}/${folder}/${path}`);
  }
}

async function bringCheckout(build: Build, source: HoldfastCheckout): Promise<void> {
  const { workshop, tree } = build;
  const to = `${tree}/${place}`;
  await workshop.copyTree(`${source.folder}/src`, `${to}/src`);
  for (const { path } of await workshop.list(`${to}/src`))
    if (/\.(test|contract)\.ts$/.test(path)) await workshop.remove(`${to}/src/${path}`);
  await workshop.copyFile(`${source.folder}/package.json`, `${to}/package.json`);
  for (const [name, folder] of source.packages) {
    await workshop.copyTree(folder, `${to}/node_modules/${name}`);
    for (const { path } of await workshop.list(`${to}/node_modules/${name}`))
      if (neverRun.test(path)) await workshop.remove(`${to}/node_modules/${name}/${path}`);
  }
  await workshop.copyFile(source.node, `${to}/node`);
  await workshop.run("strip", ["--strip-unneeded", `${to}/node`]);
  await workshop.write(`${tree}/usr/bin/holdfast`, launcher, 0o755);
  await bringUnits(build, source);
  await compile(build);
  await plainModes(build, to);
}

/** Brought along, and on only where the recipe enables them. */
async function bringUnits({ workshop, tree }: Build, { folder }: HoldfastCheckout): Promise<void> {
  const from = `${folder}/packaging`;
  for (const { path, kind } of await workshop.list(from)) {
    const place = kind === "file" ? placeOf(path) : undefined;
    if (place !== undefined) await workshop.copyFile(`${from}/${path}`, `${tree}/${place}`);
  }
}

/**
 * At the place where it will be: what is compiled has its path in it. Also the proof that it starts, with the libraries
 * that the image has.
 */
async function compile({ workshop, tree }: Build): Promise<void> {
  for (const folder of ["bin", "sbin", "lib", "lib64"]) await workshop.link(`${tree}/${folder}`, `usr/${folder}`);
  const script = "/compile.mjs";
  await workshop.write(`${tree}${script}`, compileAll);
  await workshop.runInside(tree, `/${place}/node`, [...compileOptions, script, `/${place}/src`], {
    env: { NODE_COMPILE_CACHE: `/${place}/compiled`, NODE_COMPILE_CACHE_PORTABLE: "1" },
  });
  await workshop.runInside(tree, `/${place}/node`, [`/${place}/src/main.ts`, "--version"]);
}

/** A checkout's modes are its owner's matter. */
async function plainModes({ workshop }: Build, to: string): Promise<void> {
  await workshop.setMode(to, 0o755);
  for (const { path, kind } of await workshop.list(to)) {
    if (kind === "folder") await workshop.setMode(`${to}/${path}`, 0o755);
    else if (kind === "file") await workshop.setMode(`${to}/${path}`, path === "node" ? 0o755 : 0o644);
  }
}

// The agent as a part of the image: its sources, what it needs at run time, and its own runtime, so that no other Node matters.
import type { Build } from "./build.ts";

/** Where Holdfast itself is on the host. */
export interface HoldfastSource {
  /** The folder with `src`, `package.json` and `packaging`. */
  readonly folder: string;
  /** The runtime. */
  readonly node: string;
  /** Folders of the packages it needs at run time, by name. */
  readonly packages: ReadonlyMap<string, string>;
}

const place = "usr/lib/holdfast";

const launcher = `#!/bin/sh
# Starts Holdfast with its own runtime. The name it was called by goes along.
HOLDFAST_INVOKED_AS=\${0##*/}
MALLOC_ARENA_MAX=\${MALLOC_ARENA_MAX:-1}
NODE_COMPILE_CACHE=/${place}/compiled
NODE_COMPILE_CACHE_PORTABLE=1
export HOLDFAST_INVOKED_AS MALLOC_ARENA_MAX NODE_COMPILE_CACHE NODE_COMPILE_CACHE_PORTABLE
exec /${place}/node --max-semi-space-size=1 --disable-warning=ExperimentalWarning /${place}/src/main.ts "$@"
`;

export async function bringHoldfast({ workshop, tree }: Build, source: HoldfastSource): Promise<void> {
  const to = `${tree}/${place}`;
  await workshop.copyTree(`${source.folder}/src`, `${to}/src`);
  for (const { path } of await workshop.list(`${to}/src`))
    if (/\.(test|contract|fixture)\.ts$/.test(path)) await workshop.remove(`${to}/src/${path}`);
  await workshop.copyFile(`${source.folder}/package.json`, `${to}/package.json`);
  for (const [name, folder] of source.packages) await workshop.copyTree(folder, `${to}/node_modules/${name}`);
  await workshop.copyFile(source.node, `${to}/node`);
  await workshop.run("strip", ["--strip-unneeded", `${to}/node`]);
  await workshop.write(`${tree}/usr/bin/holdfast`, launcher, 0o755);
}

// A launcher with a copy of Node that nothing else runs: only then does what its processes share count for them alone.
import { copyFile, mkdir, realpath, rm, symlink } from "node:fs/promises";
import { join } from "node:path";

export interface OwnCopy extends AsyncDisposable {
  readonly launcher: string;
}

/** Makes it in `folder`; the sources are the checkout's own. */
export async function makeOwnCopy(checkout: string, folder: string): Promise<OwnCopy> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "bin"), { recursive: true });
  await mkdir(join(folder, "node_modules/.bin"), { recursive: true });
  const launcher = join(folder, "bin/holdfast");
  await copyFile(join(checkout, "bin/holdfast"), launcher);
  await copyFile(await realpath(join(checkout, "node_modules/.bin/node")), join(folder, "node_modules/.bin/node"));
  await symlink(join(checkout, "src"), join(folder, "src"));
  return { launcher, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}

// Unpacks Debian packages into a folder, running none of their scripts: no root, no chroot, the same bytes every time.
import { mkdir, rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { run } from "./apt.ts";

const unusedByTools = ["doc", "man", "locale", "lintian", "bug"];

/**
 * Unpacks beside the final place and renames when complete, so that a tree that exists is whole. `unused` names the
 * folders of /usr/share that are left out.
 */
export async function unpackTree(
  packages: readonly string[],
  tree: string,
  unused: readonly string[] = unusedByTools,
): Promise<void> {
  await mkdir(join(tree, ".."), { recursive: true });
  // One name for all: the caller holds the lock, and what a killed run left goes away.
  const staging = join(tree, "..", ".unpacking");
  await rm(staging, { recursive: true, force: true });
  try {
    for (const folder of ["bin", "sbin", "lib", "lib64"]) {
      await mkdir(join(staging, "usr", folder), { recursive: true });
      await symlink(`usr/${folder}`, join(staging, folder));
    }
    // Not `dpkg-deb -x`: where a package still ships /lib it would put a folder in the place of our link.
    const script =
      'dpkg-deb --fsys-tarfile "$1" >"$2" && tar -x --keep-directory-symlink --no-same-owner --same-permissions -C "$3" -f "$2"';
    const plain = join(staging, ".tar");
    for (const file of packages) await run("sh", ["-c", script, "sh", file, plain, staging]);
    await rm(plain, { force: true });
    for (const name of unused) await rm(join(staging, "usr/share", name), { recursive: true, force: true });
    await rename(staging, tree);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

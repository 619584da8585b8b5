// Packs an unpacked system as the image that is compared: EROFS as KDE Linux makes it, but with a zstd level that is named
// (interfaces: only then can its clusters be reproduced), the same bytes from the same tree.
import { run } from "../../src/adapter/debian/apt.ts";

export interface ImageContents {
  readonly contentBytes: number;
  readonly files: number;
}

/** Writes the image at `target` with this mkfs.erofs, and says what is in it. */
export async function packImage(mkfs: string, tree: string, target: string): Promise<ImageContents> {
  const fixed = ["-T0", "-U00000000-0000-4000-8000-000000000005", "--all-root", "--quiet"];
  await run(mkfs, ["-zzstd,3", "-C65536", "--chunksize", "65536", ...fixed, target, tree]);
  return contentsOf(tree);
}

/** Stores the kernel modules of a tree as they are: `x.ko.xz` becomes `x.ko`. */
export async function unpackModules(tree: string): Promise<void> {
  const script = 'find "$1"/usr/lib/modules -name "*.ko.xz" -print0 | xargs -0 -n 200 xz -d';
  await run("sh", ["-c", script, "sh", tree]);
}

/** Hard links count once, symbolic links are not followed. */
async function contentsOf(tree: string): Promise<ImageContents> {
  const text = await run("find", [tree, "-type", "f", "-printf", "%i %s\\n"]);
  const sizes = new Map(text.split("\n").map((line) => line.split(" ") as [string, string]));
  sizes.delete("");
  return { contentBytes: [...sizes.values()].reduce((sum, size) => sum + Number(size), 0), files: sizes.size };
}

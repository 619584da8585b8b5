// Small releases for `image install`: an erofs image of /usr with an /etc to copy, a tiny UKI, in both layouts. They do not boot.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { osRelease } from "./small-release.ts";
import { tinyUki } from "./tiny-uki.ts";

const run = promisify(execFile);

export interface UsrReleaseOptions {
  readonly version: string;
  readonly name?: string;
  /** What the image and the entry say, where that is to differ. */
  readonly imageVersion?: string;
  readonly entryVersion?: string;
  readonly commandLine?: string;
  /** Files below /usr beside those every image has. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** What stands for systemd-boot: never started. */
export const labLoader = "MZ a boot loader of the lab\n";

/** sha256 and path of each file of the release, by its published name. */
export type UsrReleaseFiles = ReadonlyMap<string, { readonly path: string; readonly sha256: string }>;

/** Writes both layouts' files into `folder`; needs mkfs.erofs on the path. */
export async function makeUsrRelease(folder: string, options: UsrReleaseOptions): Promise<UsrReleaseFiles> {
  const { version, name = "os", files = {} } = options;
  const tree = join(folder, `.tree-${version}`);
  const content: Readonly<Record<string, string | Uint8Array>> = {
    "lib/os-release": osRelease(name, options.imageVersion ?? version),
    "lib/systemd/boot/efi/systemd-bootx64.efi": labLoader,
    "share/factory/etc/hostname": "lab\n",
    "share/factory/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
    ...files,
  };
  for (const [path, text] of Object.entries(content)) {
    await mkdir(dirname(join(tree, path)), { recursive: true });
    await writeFile(join(tree, path), text);
  }
  await mkdir(join(tree, "bin"), { recursive: true });
  await symlink("../usr/share/zoneinfo/UTC", join(tree, "share/factory/etc/localtime"));
  await run("mkfs.erofs", ["-zzstd,3", "--all-root", "--quiet", join(folder, "image"), tree]);
  await rm(tree, { recursive: true });
  const image = join(folder, "image");
  const usrHash = createHash("sha256").update(version).digest("hex");
  const entry = (layout: string): Uint8Array =>
    tinyUki({
      osRelease: osRelease(name, options.entryVersion ?? version),
      commandLine: options.commandLine ?? `root=PARTLABEL=holdfast-system rw ${layout}`,
      linux: createHash("sha512").update(version).digest(),
    });
  const bytes: Readonly<Record<string, Uint8Array>> = {
    [`${name}_${version}.erofs`]: await readFile(image),
    [`${name}_${version}.efi`]: entry(`holdfast.usr=/system/${name}_${version}.erofs`),
    [`${name}_${version}.usr.erofs`]: await readFile(image),
    [`${name}_${version}.usr.verity`]: Buffer.alloc(8192, version),
    [`${name}_${version}.ab.efi`]: entry(`usrhash=${usrHash}`),
  };
  await rm(image);
  const made = new Map<string, { path: string; sha256: string }>();
  for (const [file, content] of Object.entries(bytes)) {
    const path = join(folder, file);
    await writeFile(path, content);
    made.set(file, { path, sha256: createHash("sha256").update(content).digest("hex") });
  }
  return made;
}

// An initrd with systemd and udev: what the recipe names of the image's own /usr, and the libraries these programs need.
// Small tools are busybox's where the recipe takes it in.
import { Fault } from "../base/fault.ts";
import { matchesShellPattern } from "../domain/shell-glob.ts";
import { readElfNeeds } from "../format/elf.ts";
import type { WorkshopEntry } from "../port/workshop.ts";
import type { Build } from "./build.ts";
import { type Kernel, loadOrder } from "./kernel.ts";

const folders = [
  "dev",
  "proc",
  "sys",
  "run",
  "sysroot",
  "tmp",
  "etc",
  "var",
  "usr/bin",
  "usr/sbin",
  "usr/lib",
  "usr/lib64",
];
const libraryFolders = ["lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu/systemd", "lib64", "lib"];

/** What scripts of the initrd call; a program of this name that the recipe takes in is used instead. */
const applets =
  "ash cat chattr chmod cp cut date dd dmesg echo env false find grep head hexdump ln ls mkdir mknod mktemp mv od printf ps " +
  "pwd readlink reboot rm rmdir sed sh sleep sort stat sync tail tee test timeout touch tr true uname uniq vi wc";

const factoryFiles: readonly (readonly [path: string, text: string])[] = [
  ["etc/passwd", "root:!*:0:0:root:/:/usr/bin/sh\n"],
  ["etc/group", "root:x:0:\n"],
  ["etc/machine-id", ""],
  ["etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\n"],
];

export async function fillSystemdInitrd(build: Build, kernel: Kernel, root: string): Promise<void> {
  const { workshop, tree, profile } = build;
  const entries = await workshop.list(`${tree}/usr`);
  const picked = pick(entries, profile.initrdFiles);
  for (const folder of folders) await workshop.makeFolder(`${root}/${folder}`);
  for (const folder of ["bin", "sbin", "lib", "lib64"]) await workshop.link(`${root}/${folder}`, `usr/${folder}`);
  await bring(build, root, entries, picked);
  const init = `${root}/usr/lib/systemd/systemd`;
  if ((await workshop.kindOf(init)) !== "file")
    throw new Fault(
      "build-no-init",
      "Cannot build the image: its initrd is to be of systemd, and has no /usr/lib/systemd/systemd",
      {
        hint: "Add systemd to Packages= and lib/systemd/systemd to InitrdFiles= in the recipe.",
      },
    );
  await workshop.link(`${root}/init`, "usr/lib/systemd/systemd");
  for (const [path, text] of factoryFiles) await workshop.write(`${root}/${path}`, text);
  const osRelease = await workshop.read(`${tree}/usr/lib/os-release`);
  await workshop.write(`${root}/usr/lib/os-release`, osRelease);
  await workshop.link(`${root}/etc/os-release`, "../usr/lib/os-release");
  await workshop.link(`${root}/etc/initrd-release`, "../usr/lib/os-release");
  if ((await workshop.kindOf(`${root}/usr/bin/busybox`)) === "file") {
    for (const applet of applets.split(" "))
      if ((await workshop.kindOf(`${root}/usr/bin/${applet}`)) === "absent")
        await workshop.link(`${root}/usr/bin/${applet}`, "busybox");
  }
  await bringModules(build, kernel, root);
}

/** What the patterns match; a pattern that matches nothing is a mistake in the recipe, or a package that has changed. */
function pick(entries: readonly WorkshopEntry[], patterns: readonly string[]): readonly string[] {
  const unused = new Set(patterns);
  const picked = entries.filter(({ path }) => {
    const matching = patterns.filter((pattern) => matchesShellPattern(pattern, path));
    for (const pattern of matching) unused.delete(pattern);
    return matching.length > 0;
  });
  const [stray] = unused;
  if (stray !== undefined)
    throw new Fault(
      "build-no-initrd-file",
      `Cannot build the image: nothing in /usr fits ${stray}, which is to be in the initrd`,
      {
        hint: "Correct InitrdFiles= in the recipe, or add the package that has it.",
      },
    );
  return picked.map(({ path }) => path);
}

/** Copies files, what links lead to, and libraries, until nothing is missing. */
async function bring(
  { workshop, tree }: Build,
  root: string,
  entries: readonly WorkshopEntry[],
  picked: readonly string[],
): Promise<void> {
  const byPath = new Map(entries.map((entry) => [entry.path, entry]));
  const library = (name: string): string | undefined =>
    libraryFolders.map((folder) => `${folder}/${name}`).find((path) => byPath.has(path));
  const done = new Set<string>();
  const queue = [...picked];
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    const entry = byPath.get(path);
    if (entry === undefined || done.has(path)) continue;
    done.add(path);
    if (entry.kind === "folder") await workshop.makeFolder(`${root}/usr/${path}`);
    else if (entry.kind === "link") {
      await workshop.link(`${root}/usr/${path}`, entry.target ?? "");
      const target = resolveLink(path, entry.target ?? "");
      if (target !== undefined) queue.push(target);
    } else if (entry.kind === "file") {
      await workshop.copyFile(`${tree}/usr/${path}`, `${root}/usr/${path}`);
      const { needed, loads, interpreter } = readElfNeeds(await workshop.read(`${tree}/usr/${path}`));
      const wanted = loads.filter(({ priority }) => priority !== "suggested").flatMap(({ names }) => names);
      if (interpreter !== undefined) queue.push(interpreter.slice(1));
      for (const name of [...needed, ...wanted]) {
        const found = library(name);
        if (found !== undefined) queue.push(found);
      }
    }
  }
}

/** Where a link of /usr leads, below /usr; undefined when it leads elsewhere. */
function resolveLink(path: string, target: string): string | undefined {
  const parts = target.startsWith("/") ? [] : ["usr", ...path.split("/").slice(0, -1)];
  for (const part of target.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  if (parts[0] === "usr") return parts.slice(1).join("/");
  return ["lib", "lib64", "bin", "sbin"].includes(parts[0] ?? "") ? parts.join("/") : undefined;
}

async function bringModules({ workshop, tree, profile }: Build, kernel: Kernel, root: string): Promise<void> {
  const below = kernel.modulesFolder.slice(tree.length);
  for (const { path } of loadOrder(kernel, profile.initrdModules))
    await workshop.copyFile(`${kernel.modulesFolder}/${path}`, `${root}${below}/${path}`);
  for (const name of ["modules.builtin", "modules.builtin.modinfo", "modules.order"])
    if ((await workshop.kindOf(`${kernel.modulesFolder}/${name}`)) === "file")
      await workshop.copyFile(`${kernel.modulesFolder}/${name}`, `${root}${below}/${name}`);
  await workshop.run("depmod", ["-b", root, kernel.release]);
}

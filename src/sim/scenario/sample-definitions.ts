// The definitions of a sample machine (sysupdate.d), and how they change between two runs.
import type { SimWorld } from "../machine.ts";
import type { SampleOptions } from "./sample-parts.ts";
import { chunkStore, origin } from "./sample-repository.ts";

const folder = "/usr/lib/sysupdate.d";

const source = (type: string, pattern: string): string =>
  `[Source]\nType=${type}\nPath=${origin}/os\nMatchPattern=${pattern}\n`;
const onEsp = (path: string, pattern: string): string =>
  `[Target]\nType=regular-file\nPath=${path}\nPathRelativeTo=esp\nInstancesMax=2\nMatchPattern=${pattern}\nMode=0444\n`;
const counted = "TriesLeft=3\nTriesDone=0\n";
const ukiTransfer = `${source("url-file", "os_@v.efi")}${onEsp("/EFI/Linux", "os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi")}${counted}`;

/** An image of its own in `/images`. `packed` is the suffix of its compression. */
export const fileTransfer = (name: string, packed: string = "", more: string = ""): string =>
  `${source("url-file", `${name}_@v.img${packed}`)}${more}[Target]\nType=regular-file\nInstancesMax=2\nMode=0444\nPath=/images\nMatchPattern=${name}_@v.img\n`;

/** A plain file in a folder of the ESP. */
export const espFileTransfer = (sourcePattern: string, path: string, pattern: string): string =>
  source("url-file", sourcePattern) + onEsp(path, pattern);

/** By name, without `.transfer`. */
export function transfersOf(options: SampleOptions): ReadonlyMap<string, string> {
  const { layout, tools, addon, compression } = options;
  const packed = compression === undefined ? "" : `.${compression}`;
  const chunks = options.listedChunks === undefined ? "" : `X-ChunkStore=${chunkStore}/\n`;
  const more: readonly (readonly [string, string])[] = [
    ...(tools === undefined ? [] : [["15-tools", `[Transfer]\nFeatures=tools\n${fileTransfer("tools")}`] as const]),
    ...(addon === true
      ? ([
          ["17-addon", source("url-file", "os_@v.addon.efi") + onEsp("/EFI/Linux", "os_@v.efi.extra.d/site.addon.efi")],
        ] as const)
      : []),
  ];
  switch (layout) {
    case "files":
      return new Map([["10-root", fileTransfer("os", packed, chunks)], ...more, ["20-uki", ukiTransfer]]);
    case "images":
      return new Map([["10-root", fileTransfer("os", packed)], ...more]);
    case "conf":
      return new Map([
        ["10-root", fileTransfer("os", packed)],
        ["12-linux", source("url-file", "os_@v.linux") + onEsp("/demo", "linux-@v")],
        ["14-initrd", source("url-file", "os_@v.initrd") + onEsp("/demo", "initrd-@v")],
        ...more,
        [
          "20-entry",
          `${source("url-file", "os_@v.conf")}${onEsp("/loader/entries", "os_@v+@l-@d.conf os_@v+@l.conf os_@v.conf")}${counted}`,
        ],
      ]);
    case "slots": {
      const target = `[Target]\nType=partition\nPath=auto\nMatchPattern=os_@v\nMatchPartitionType=root-x86-64\nReadOnly=1\n`;
      return new Map([
        ["10-root", source("url-file", `os_@v.img${packed}`) + chunks + target],
        ...more,
        ["20-uki", ukiTransfer],
      ]);
    }
    case "trees":
    case "subvolumes": {
      const type = layout === "trees" ? "directory" : "subvolume";
      const target = `[Target]\nType=${type}\nInstancesMax=2\nPath=/apps\nMatchPattern=app_@v\nCurrentSymlink=/apps/current\n`;
      return new Map([["10-app", source("url-tar", "app_@v.tar") + target]]);
    }
  }
}

export function define({ tree }: SimWorld, name: string, text: string): void {
  tree.plant(`${folder}/${name}.transfer`, text);
}

/** The definition is no longer there. */
export function undefine({ tree }: SimWorld, name: string): void {
  tree.uproot(`${folder}/${name}.transfer`);
}

/** What a definition says, changed. */
export function redefine(world: SimWorld, name: string, change: (text: string) => string): void {
  const found = world.tree.peek(`${folder}/${name}.transfer`);
  if (found === undefined || found === "unreadable") throw new Error(`Assertion failed: ${name} is defined`);
  const before = new TextDecoder().decode(found.bytes());
  const after = change(before);
  if (after === before) throw new Error(`Assertion failed: the change says something else of ${name}`);
  define(world, name, after);
}

/** Switches the feature that brings the second image. */
export function switchTools({ tree }: SimWorld, on: boolean): void {
  tree.plant(`${folder}/tools.feature`, `[Feature]\nEnabled=${on ? "yes" : "no"}\n`);
}

// What the versions of a sample machine consist of, and where each part of them belongs: the truth of a scenario.
import { parseUuid } from "../../base/ids.ts";
import { partitionTypeNamed } from "../../format/partition-types.ts";
import { tinyPe, tinyUki } from "../../format/pe.fixture.ts";
import type { Build, Part, Truth } from "../check/truth.ts";
import { simSigned } from "../code-verifier/sim-signed-image.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import type { LostChains } from "../disk/fat-image.ts";
import type { Compression } from "../../port/decoder.ts";
import type { FirmwareVariable } from "../../port/firmware.ts";

/**
 * `files`: images and UKIs. `slots`: partitions and UKIs. `conf`: images, with kernel and initrd on the ESP and type 1
 * entries. `trees` and `subvolumes`: archives and a link, no boot entry. `images`: files, no boot entry and no link.
 */
export type Layout = "files" | "slots" | "conf" | "trees" | "subvolumes" | "images";

export interface SampleOptions {
  readonly seed: number;
  readonly layout: Layout;
  /** Oldest first; the last one runs unless `running` says otherwise. */
  readonly installed: readonly string[];
  /** `unknown`: the system does not say what it is. */
  readonly running?: string;
  /** Versions that the repository lists. */
  readonly offered: readonly string[];
  /** A second image that a feature brings: switched on, switched off, or not known at all when absent. */
  readonly tools?: "on" | "off";
  /** Versions that consist of that image too. */
  readonly toolsIn?: readonly string[];
  /** Versions that the repository offers with other bytes than those that are installed. */
  readonly republished?: readonly string[];
  /** How the repository packs images. */
  readonly compression?: Compression;
  /** A file on the ESP that the stub adds to the UKI of its version. */
  readonly addon?: boolean;
  /** Where the image of a version belongs when it is not `/images/os_V.img`. */
  readonly imagePathOf?: (version: string) => string;
  /** Partitions for images; 2 when absent. */
  readonly slots?: number;
  readonly espBytes?: number;
  readonly rootBytes?: number;
  /** When the list of checksums was signed, in milliseconds since the epoch. */
  readonly signedAtMs?: number;
  /** What the machine believes at the start. */
  readonly startMs?: number;
  /** What loader.conf says. */
  readonly loaderConf?: string;
  /** What fsck.fat does on this machine with clusters that no name leads to. */
  readonly lostChains?: LostChains;
  /** Names of others on the ESP that are no names. */
  readonly junkSlots?: boolean;
  /** Who signed what a version boots, the signer's certificate first; unsigned where it says nothing. */
  readonly signers?: (version: string) => readonly string[] | undefined;
  /** What the firmware says of Secure Boot. */
  readonly firmware?: ReadonlyMap<FirmwareVariable, Uint8Array>;
  /** The repository has an index, `holdfast.json`. */
  readonly index?: boolean;
  /** The index's manifests name deltas, each from the version offered before. */
  readonly deltas?: boolean;
  /** They name chunks of the images. */
  readonly chunks?: boolean;
  /** The list of checksums names indexes of the images; `alone`: their chunks are on the server, and they are not. */
  readonly listedChunks?: "beside" | "alone";
  /** Offered versions that it has taken back. */
  readonly withdrawn?: readonly string[];
  /** `BEST-BEFORE-` this date is in the list of checksums. */
  readonly bestBefore?: string;
}

export const disk = "/dev/simdisk";
export const rootType: ReturnType<typeof parseUuid> =
  partitionTypeNamed("root-x86-64", undefined) ?? parseUuid("0".repeat(32));
const imageBytes = 20_000;

export const hasEntries = (layout: Layout): boolean => layout === "files" || layout === "slots" || layout === "conf";
const hasLink = (layout: Layout): boolean => layout === "trees" || layout === "subvolumes";

type Signing = Pick<SampleOptions, "signers">;

function signed({ signers }: Signing, version: string, image: Uint8Array): Content {
  const chain = signers?.(version);
  return Content.of(chain === undefined ? image : simSigned(simDigest, image, chain));
}

export const ukiOf = (version: string, build: number, options: Signing = {}): Content =>
  signed(
    options,
    version,
    tinyUki({
      osRelease: `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`,
      payload: `kernel ${version}`.padEnd(9_000, String(build)),
    }),
  );
export const confOf = (version: string): Content =>
  Content.text(
    `title Demo ${version}\nversion ${version}\nsort-key demo\nlinux /demo/linux-${version}\n` +
      `initrd /demo/initrd-${version}\noptions quiet\n`,
  );
type Pieces = Pick<SampleOptions, "deltas" | "chunks" | "listedChunks">;
/** Of a repository with deltas or chunks, most of it is the same in all versions. */
export const imageOf = (version: string, build: number, { deltas, chunks, listedChunks }: Pieces = {}): Content => {
  const own = Number(version) * 10 + build;
  if (deltas !== true && chunks !== true && listedChunks === undefined) return Content.pattern(own, imageBytes);
  const most = Content.pattern(7, imageBytes).with(5_500, Content.pattern(own, 1_000));
  // No part of it is a pattern, or two contents with the same bytes would have other extents.
  const bytes = most.with(17_000, Content.pattern(own, 2_000)).bytes();
  return Content.of(bytes.map((byte, at) => (at % 64 === 0 ? byte ^ 0x5a : byte)));
};
export const toolsOf = (version: string): Content => Content.pattern(Number(version) * 10 + 1000, 9_000);
/** A program for the firmware where somebody signs it. */
export const kernelOf = (version: string, options: Signing = {}): Content => {
  const kernel = Content.pattern(Number(version) * 10 + 3000, 9_000);
  return options.signers === undefined ? kernel : signed(options, version, tinyPe([[".text", kernel.bytes()]]));
};
export const initrdOf = (version: string): Content => Content.pattern(Number(version) * 10 + 4000, 9_000);
export const addonOf = (version: string): Content => Content.pattern(Number(version) * 10 + 5000, 5_000);
export const treeOf = (version: string): ReadonlyMap<string, Content> =>
  new Map([
    ["bin/tool", Content.pattern(Number(version) * 10 + 2000, 9_000)],
    ["version", Content.text(`${version}\n`)],
  ]);

const linux = "/efi/EFI/Linux";
export const entryPath = (name: string): string => `${linux}/${name}`;
export const confPath = (name: string): string => `/efi/loader/entries/${name}`;
export const imagePath = (version: string): string => `/images/os_${version}.img`;
export const toolsPath = (version: string): string => `/images/tools_${version}.img`;
export const addonFolder = (version: string): string => entryPath(`os_${version}.efi.extra.d`);

function partsOf(options: SampleOptions, version: string, build: number): readonly Part[] {
  const { layout, toolsIn = [], addon = false, imagePathOf = imagePath } = options;
  const file = (path: string, content: Content): Part => ({ kind: "file", path, content });
  const more = addon ? [file(`${addonFolder(version)}/site.addon.efi`, addonOf(version))] : [];
  const content = imageOf(version, build, options);
  switch (layout) {
    case "files":
    case "images":
    case "conf": {
      const tools = toolsIn.includes(version) ? [file(toolsPath(version), toolsOf(version))] : [];
      const kernel = [
        file(`/efi/demo/linux-${version}`, kernelOf(version, options)),
        file(`/efi/demo/initrd-${version}`, initrdOf(version)),
      ];
      return [file(imagePathOf(version), content), ...tools, ...more, ...(layout === "conf" ? kernel : [])];
    }
    case "slots":
      return [{ kind: "partition", device: disk, label: `os_${version}`, type: rootType, content }, ...more];
    case "trees":
    case "subvolumes":
      return [{ kind: "tree", path: `/apps/app_${version}`, files: treeOf(version) }];
  }
}

function entryOf(options: SampleOptions, version: string, build: number): Content | undefined {
  if (!hasEntries(options.layout)) return undefined;
  return options.layout === "conf" ? confOf(version) : ukiOf(version, build, options);
}

function buildOf(options: SampleOptions, version: string, build: number): Build {
  return { version, entry: entryOf(options, version, build), parts: partsOf(options, version, build) };
}

/** What others keep on an ESP. */
function foreignOf({ layout, loaderConf = "timeout 3\n", junkSlots }: SampleOptions): ReadonlyMap<string, Content> {
  if (!hasEntries(layout)) return new Map();
  const junk = ["\u0001\u0002~.efi", "?<>|+3-0.efi", "OS_1.EFI~1", " .conf"];
  return new Map([
    ["/efi/EFI/BOOT/BOOTX64.EFI", Content.pattern(7, 12_000)],
    ["/efi/EFI/Linux/readme.txt", Content.text("This folder is for unified kernel images.\n")],
    ["/efi/loader/loader.conf", Content.text(loaderConf)],
    ...(junkSlots === true ? junk.map((name) => [entryPath(name), Content.pattern(8, 700)] as const) : []),
  ]);
}

function foldersOf({ layout, imagePathOf = imagePath, installed, offered }: SampleOptions): readonly string[] {
  if (layout === "slots") return [];
  if (hasLink(layout)) return ["/apps"];
  const images = [...installed, ...offered].map((version) => imagePathOf(version).replace(/\/[^/]*$/, ""));
  return [...new Set(["/images", ...images]), ...(layout === "conf" ? ["/efi/demo"] : [])];
}

export function truthOf(options: SampleOptions): Truth {
  const versions = [...new Set([...options.installed, ...options.offered])];
  const bootable = hasEntries(options.layout);
  return {
    esp: bootable ? "/efi" : undefined,
    builds: [
      ...versions.map((version) => buildOf(options, version, 0)),
      ...(options.republished ?? []).map((version) => buildOf(options, version, 1)),
    ],
    versionOf: (fileName) => /^os_([0-9]+)(?:\+.*)?\.(?:efi|conf)$/.exec(fileName)?.[1],
    folders: foldersOf(options),
    foreign: foreignOf(options),
    link: hasLink(options.layout) ? "/apps/current" : undefined,
  };
}

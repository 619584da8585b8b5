// Sample machines for runs of the real agent: what is installed, what the repository offers, and the truth about both.
import { parseUuid } from "../../base/ids.ts";
import { partitionTypeNamed } from "../../format/partition-types.ts";
import { tinyUki } from "../../format/pe.fixture.ts";
import type { Build, Part, Truth } from "../check/truth.ts";
import { simTar } from "../decoder/sim-decoder.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import { SimServer } from "../http/sim-server.ts";
import { SimWorld } from "../machine.ts";
import { simKeyring, simSign } from "../verifier/sim-verifier.ts";

/** `files`: images and UKIs. `slots`: partitions and UKIs. `trees`: archives and a link, no boot entry. */
export type Layout = "files" | "slots" | "trees";

export interface SampleOptions {
  readonly seed: number;
  readonly layout: Layout;
  /** Oldest first; the last one runs unless `running` says otherwise. */
  readonly installed: readonly string[];
  readonly running?: string;
  /** Versions that the repository lists. */
  readonly offered: readonly string[];
  /** A second image that a feature brings: switched on, switched off, or not known at all when absent. */
  readonly tools?: "on" | "off";
  /** Versions that consist of that image too. */
  readonly toolsIn?: readonly string[];
  /** Versions that the repository offers with other bytes than those that are installed. */
  readonly republished?: readonly string[];
}

export interface Sample {
  readonly world: SimWorld;
  readonly truth: Truth;
}

const origin = "http://updates.example";
const key = { fingerprint: "ABCD" };
const disk = "/dev/simdisk";
const rootType = partitionTypeNamed("root-x86-64", undefined) ?? parseUuid("0".repeat(32));
const imageBytes = 20_000;
const sectors = 64;

const ukiOf = (version: string, build: number): Content =>
  Content.of(
    tinyUki({
      osRelease: `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`,
      payload: `kernel ${version}`.padEnd(9_000, String(build)),
    }),
  );
const imageOf = (version: string, build: number): Content => Content.pattern(Number(version) * 10 + build, imageBytes);
const toolsOf = (version: string): Content => Content.pattern(Number(version) * 10 + 1000, 9_000);
const treeOf = (version: string): ReadonlyMap<string, Content> =>
  new Map([
    ["bin/tool", Content.pattern(Number(version) * 10 + 2000, 9_000)],
    ["version", Content.text(`${version}\n`)],
  ]);

export const entryPath = (name: string): string => `/efi/EFI/Linux/${name}`;
export const imagePath = (version: string): string => `/images/os_${version}.img`;
const toolsPath = (version: string): string => `/images/tools_${version}.img`;

/** Switches the feature that brings the second image. */
export function switchTools({ tree }: SimWorld, on: boolean): void {
  tree.plant("/usr/lib/sysupdate.d/tools.feature", `[Feature]\nEnabled=${on ? "yes" : "no"}\n`);
}

/** The second image of a version that came with the machine. */
export function plantTools({ world }: Sample, version: string): void {
  world.tree.plant(toolsPath(version), toolsOf(version));
}

function partsOf({ layout, toolsIn = [] }: SampleOptions, version: string, build: number): readonly Part[] {
  switch (layout) {
    case "files": {
      const image: Part = { kind: "file", path: imagePath(version), content: imageOf(version, build) };
      const more: Part = { kind: "file", path: toolsPath(version), content: toolsOf(version) };
      return toolsIn.includes(version) ? [image, more] : [image];
    }
    case "slots": {
      const content = imageOf(version, build);
      return [{ kind: "partition", device: disk, label: `os_${version}`, type: rootType, content }];
    }
    case "trees":
      return [{ kind: "tree", path: `/apps/app_${version}`, files: treeOf(version) }];
  }
}

function buildOf(options: SampleOptions, version: string, build: number): Build {
  const entry = options.layout === "trees" ? undefined : ukiOf(version, build);
  return { version, entry, parts: partsOf(options, version, build) };
}

/** What others keep on an ESP. */
const foreign: ReadonlyMap<string, Content> = new Map([
  ["/efi/EFI/BOOT/BOOTX64.EFI", Content.pattern(7, 12_000)],
  ["/efi/EFI/Linux/readme.txt", Content.text("This folder is for unified kernel images.\n")],
  ["/efi/loader/loader.conf", Content.text("timeout 3\n")],
]);

function truthOf(options: SampleOptions): Truth {
  const versions = [...new Set([...options.installed, ...options.offered])];
  const folders = { files: ["/images"], slots: [], trees: ["/apps"] }[options.layout];
  return {
    esp: options.layout === "trees" ? undefined : "/efi",
    builds: [
      ...versions.map((version) => buildOf(options, version, 0)),
      ...(options.republished ?? []).map((version) => buildOf(options, version, 1)),
    ],
    versionOf: (fileName) => /^os_([0-9]+)(?:\+.*)?\.efi$/.exec(fileName)?.[1],
    folders,
    foreign: options.layout === "trees" ? new Map() : foreign,
    link: options.layout === "trees" ? "/apps/current" : undefined,
  };
}

function archiveOf(version: string): Content {
  const owner = { uid: 0, gid: 0, mtimeUs: 1_000_000n };
  return Content.of(
    simTar([
      { kind: "folder", path: "bin", mode: 0o755, ...owner },
      ...[...treeOf(version)].map(([path, content]) => {
        const bytes = content.bytes();
        return { kind: "file" as const, path, mode: 0o644, ...owner, sizeBytes: bytes.length, content: bytes };
      }),
    ]),
  );
}

function offersOf(options: SampleOptions, version: string): readonly (readonly [string, Content])[] {
  const build = options.republished?.includes(version) === true ? 1 : 0;
  if (options.layout === "trees") return [[`app_${version}.tar`, archiveOf(version)]];
  return [
    [`os_${version}.img`, imageOf(version, build)],
    [`os_${version}.efi`, ukiOf(version, build)],
    ...(options.tools === undefined ? [] : [[`tools_${version}.img`, toolsOf(version)] as const]),
  ];
}

function sha256(content: Content): string {
  const hasher = simDigest.sha256();
  hasher.update(content.bytes());
  return hasher.finish();
}

function repository(options: SampleOptions): SimServer {
  const server = new SimServer(origin);
  const lines = options.offered
    .flatMap((version) => offersOf(options, version))
    .map(([name, content]) => {
      server.put(`/os/${name}`, content);
      return `${sha256(content)}  ${name}\n`;
    });
  const manifest = new TextEncoder().encode(lines.join(""));
  server.put("/os/SHA256SUMS", manifest);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, manifest, Date.UTC(2026, 1, 20)));
  return server;
}

const source = (type: string, pattern: string): string =>
  `[Source]\nType=${type}\nPath=${origin}/os\nMatchPattern=${pattern}\n`;
const entryTransfer =
  `${source("url-file", "os_@v.efi")}[Target]\nType=regular-file\nPath=/EFI/Linux\nPathRelativeTo=esp\nInstancesMax=2\n` +
  "MatchPattern=os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi\nMode=0444\nTriesLeft=3\nTriesDone=0\n";

function transfersOf({ layout, tools }: SampleOptions): ReadonlyMap<string, string> {
  const file = (name: string): string =>
    `${source("url-file", `${name}_@v.img`)}[Target]\nType=regular-file\nInstancesMax=2\nMode=0444\nPath=/images\nMatchPattern=${name}_@v.img\n`;
  switch (layout) {
    case "files":
      return new Map([
        ["10-root", file("os")],
        ...(tools === undefined ? [] : [["15-tools", `[Transfer]\nFeatures=tools\n${file("tools")}`] as const]),
        ["20-uki", entryTransfer],
      ]);
    case "slots": {
      const target = `[Target]\nType=partition\nPath=auto\nMatchPattern=os_@v\nMatchPartitionType=root-x86-64\nReadOnly=1\n`;
      return new Map([
        ["10-root", source("url-file", "os_@v.img") + target],
        ["20-uki", entryTransfer],
      ]);
    }
    case "trees": {
      const target = `[Target]\nType=directory\nInstancesMax=2\nPath=/apps\nMatchPattern=app_@v\nCurrentSymlink=/apps/current\n`;
      return new Map([["10-app", source("url-tar", "app_@v.tar") + target]]);
    }
  }
}

/** Where a version that runs well has its parts. */
function plant(world: SimWorld, build: Build): void {
  const { tree, devices } = world;
  for (const part of build.parts) {
    if (part.kind === "file") tree.plant(part.path, part.content);
    else if (part.kind === "tree")
      for (const [name, content] of part.files) tree.plant(`${part.path}/${name}`, content);
    else {
      const free = devices.table(disk)?.partitions.find(({ label }) => label === "_empty");
      if (free === undefined) throw new Error("Assertion failed: the sample disk has a free slot");
      devices.plant(disk, free.number, part.content);
      devices.beginTable(disk, [{ number: free.number, label: part.label }]);
      devices.finishTable(disk);
    }
  }
  if (build.entry !== undefined) tree.plant(entryPath(`os_${build.version}.efi`), build.entry);
}

/** Images on ext4 or in two slots, counted UKIs on a FAT volume at /efi; the running version is blessed. */
export function sampleMachine(options: SampleOptions): Sample {
  const truth = truthOf(options);
  const slot = (number: number) => ({
    number,
    startSector: 2048 * number,
    sizeSectors: sectors,
    type: rootType,
    uuid: parseUuid(String(number).repeat(32)),
    label: "_empty",
    attributes: 0n,
  });
  const world = new SimWorld({
    seed: options.seed,
    startMs: Date.UTC(2026, 11, 1),
    servers: [repository(options)],
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      ...(options.layout === "trees" ? [] : [{ mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 } as const]),
    ],
    ...(options.layout === "slots"
      ? { tables: [{ device: disk, labelId: "f".repeat(8), sectorSizeBytes: 512, partitions: [slot(1), slot(2)] }] }
      : {}),
  });
  const { tree } = world;
  for (const [name, text] of transfersOf(options)) tree.plant(`/usr/lib/sysupdate.d/${name}.transfer`, text);
  if (options.tools !== undefined) switchTools(world, options.tools === "on");
  tree.plant("/usr/lib/systemd/import-pubring.pgp", simKeyring([key]));
  for (const folder of truth.folders) tree.plantFolder(folder);
  for (const [path, content] of truth.foreign) tree.plant(path, content);
  for (const version of options.installed) {
    const build = truth.builds.find((item) => item.version === version);
    if (build !== undefined) plant(world, build);
  }
  const running = options.running ?? options.installed.at(-1);
  if (running !== undefined && options.layout !== "trees") {
    tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${running}\n`);
    world.variables.set("LoaderEntrySelected", `os_${running}.efi`);
  }
  if (running !== undefined && options.layout === "trees") tree.plantLink("/apps/current", `app_${running}`);
  return { world, truth };
}

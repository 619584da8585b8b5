// The user's machine as a simulated one: definitions, file systems, slots, installed versions, and the truth about them.
import { parseUuid } from "../../base/ids.ts";
import { joinPath } from "../../base/machine-path.ts";
import { roleOf } from "../../domain/role.ts";
import type { Transfer } from "../../format/definitions.ts";
import { parseEntryName } from "../../format/entry-name.ts";
import { emptyLabel, type Partition, type PartitionTable } from "../../format/partition-table.ts";
import { matchPatterns } from "../../format/pattern.ts";
import type { Digest } from "../../port/digest.ts";
import type { Build, Part, Truth } from "../check/truth.ts";
import { Content } from "../disk/content.ts";
import type { SimFileSystemSettings } from "../disk/file-system.ts";
import { SimWorld } from "../machine.ts";
import type { Sample } from "../scenario/sample-machine.ts";
import { simKeyring } from "../verifier/sim-verifier.ts";
import type { DefinitionFile } from "./definition-files.ts";
import { localSource, publish, signingKey } from "./publish.ts";
import type { OwnRelease, Piece } from "./release.ts";
import type { Shape } from "./shape.ts";

export interface OwnWorldOptions {
  readonly seed: number;
  readonly digest: Digest;
  readonly definitions: readonly DefinitionFile[];
  /** os-release(5) of the machine, without IMAGE_VERSION. */
  readonly osRelease: string;
  readonly transfers: readonly Transfer[];
  readonly shape: Shape;
  /** Sizes that the shape's volumes have in this world. */
  readonly fileSystems: readonly SimFileSystemSettings[];
  readonly slotBytes: (groupIndex: number) => number;
  /** Oldest first; all of them are offered. */
  readonly releases: readonly OwnRelease[];
  readonly installed: readonly string[];
}

const startMs = Date.UTC(2026, 11, 1);
const sectorBytes = 512;

/** Where the instances of a transfer are, on the machine of `shape`. */
export function folderOfTarget({ target }: Transfer, { esp, xbootldr }: Shape): string {
  switch (target.pathRelativeTo) {
    case "esp":
      return joinPath(esp ?? "/efi", target.path);
    case "xbootldr":
      return joinPath(xbootldr ?? "/boot", target.path);
    case "boot":
      return joinPath(xbootldr ?? esp ?? "/efi", target.path);
    case "root":
    case "explicit":
      return target.path;
  }
}

export function pathOfPiece({ transfer, targetName }: Piece, shape: Shape): string {
  return joinPath(folderOfTarget(transfer, shape), targetName);
}

/** The file system that the loader reads these entries from; `undefined` without entries. */
export function bootVolume(transfers: readonly Transfer[], shape: Shape): string | undefined {
  const entry = transfers.find(({ target }) => roleOf(target) === "entry");
  if (entry === undefined) return undefined;
  const folder = folderOfTarget(entry, shape);
  return [shape.xbootldr, shape.esp].find((mount) => mount !== undefined && folder.startsWith(`${mount}/`));
}

export function imageVersionText(osRelease: string, version: string): string {
  return `${osRelease}IMAGE_VERSION=${version}\n`;
}

export function ownWorld(options: OwnWorldOptions): Sample {
  const { shape, transfers, releases, digest } = options;
  const truth = truthOf(options);
  const world = new SimWorld({
    seed: options.seed,
    digest,
    startMs,
    fileSystems: options.fileSystems,
    tables: tablesOf(options),
    environment: {
      ...(shape.esp === undefined ? {} : { SYSTEMD_ESP_PATH: shape.esp }),
      ...(shape.xbootldr === undefined ? {} : { SYSTEMD_XBOOTLDR_PATH: shape.xbootldr }),
    },
  });
  const { tree } = world;
  for (const { path, text } of options.definitions) {
    if (text === undefined) tree.plantLink(path, "/dev/null");
    else tree.plant(path, text);
  }
  tree.plant("/usr/lib/systemd/import-pubring.pgp", simKeyring([signingKey]));
  tree.plant("/etc/machine-id", `${"5".repeat(32)}\n`);
  tree.plantFolder("/var/lib");
  world.serve(publish(releases, tree, digest));
  for (const [path, content] of truth.foreign) tree.plant(path, content);
  for (const transfer of transfers)
    if (transfer.target.type !== "partition") tree.plantFolder(folderOfTarget(transfer, shape));
  for (const version of options.installed) install(world, options, version);
  run(world, options, truth);
  return { world, truth };
}

function run(world: SimWorld, { installed, osRelease, releases, shape }: OwnWorldOptions, truth: Truth): void {
  const running = installed.at(-1);
  // The system that installs the first version is one of its own, and has a version too.
  if (running === undefined) return world.tree.plant("/etc/os-release", imageVersionText(osRelease, "0"));
  world.tree.plant("/etc/os-release", imageVersionText(osRelease, running));
  const entry = releases
    .find(({ version }) => version === running)
    ?.pieces.find(({ transfer }) => roleOf(transfer.target) === "entry");
  if (entry !== undefined) world.variables.set("LoaderEntrySelected", goodName(pathOfPiece(entry, shape)).slice(1));
  if (truth.link !== undefined) {
    const tree = truth.builds.find(({ version }) => version === running)?.parts.find(({ kind }) => kind === "tree");
    if (tree?.kind === "tree") world.tree.plantLink(truth.link, tree.path);
  }
}

/** The last part of an entry's path, with a slash before it, as it is once a boot of it was judged good. */
function goodName(path: string): string {
  const fileName = path.slice(path.lastIndexOf("/") + 1);
  return `/${parseEntryName(fileName)?.id ?? fileName}`;
}

/** A version that runs well, as an installer or an earlier update left it: entries without a counter. */
function install({ tree, devices }: SimWorld, { releases, shape }: OwnWorldOptions, version: string): void {
  for (const piece of releases.find((release) => release.version === version)?.pieces ?? []) {
    const { transfer, content, files } = piece;
    if (transfer.target.type === "partition") {
      const group = shape.slots.find(({ transfers }) => transfers.includes(transfer.id));
      const table = group === undefined ? undefined : devices.table(group.device);
      const free = table?.partitions.find(({ type, label }) => type === group?.type && label === emptyLabel);
      if (group === undefined || free === undefined) continue;
      devices.plant(group.device, free.number, content);
      devices.beginTable(group.device, [{ number: free.number, label: piece.targetName, uuid: piece.partitionUuid }]);
      devices.finishTable(group.device);
      continue;
    }
    const path = pathOfPiece(piece, shape);
    if (files !== undefined) for (const [name, file] of files) tree.plant(`${path}/${name}`, file);
    else if (roleOf(transfer.target) === "entry")
      tree.plant(path.slice(0, path.lastIndexOf("/")) + goodName(path), content);
    else tree.plant(path, content);
  }
}

function tablesOf({ shape, slotBytes }: OwnWorldOptions): readonly PartitionTable[] {
  const devices = new Map<string, Partition[]>();
  for (const [index, { device, type, count }] of shape.slots.entries()) {
    const partitions = devices.get(device) ?? [];
    for (let slot = 0; slot < count; slot++) {
      const number = partitions.length + 1;
      const last = partitions.at(-1);
      partitions.push({
        number,
        startSector: last === undefined ? 2048 : last.startSector + last.sizeSectors,
        sizeSectors: Math.ceil(slotBytes(index) / sectorBytes),
        type,
        uuid: parseUuid(number.toString(16).padStart(32, "0")),
        label: emptyLabel,
        attributes: 0n,
      });
    }
    devices.set(device, partitions);
  }
  return [...devices].map(([device, partitions]) => ({
    device,
    labelId: "f".repeat(8),
    sectorSizeBytes: sectorBytes,
    partitions,
  }));
}

function truthOf(options: OwnWorldOptions): Truth {
  const { transfers, releases, shape } = options;
  const esp = bootVolume(transfers, shape);
  return {
    esp,
    builds: releases.flatMap((release) => buildsOf(release, shape)),
    versionOf: versionsOf(options),
    folders: foldersOf(options),
    foreign: foreignOn(shape.esp),
    link: linkOf(options),
  };
}

/** One for each boot entry of a version; one where it has none. */
function buildsOf({ version, pieces }: OwnRelease, shape: Shape): readonly Build[] {
  const parts = pieces
    .filter(({ transfer }) => roleOf(transfer.target) !== "entry")
    .map((piece) => partOf(piece, shape));
  const entries = pieces.filter(({ transfer }) => roleOf(transfer.target) === "entry");
  if (entries.length === 0) return [{ version, entry: undefined, parts }];
  return entries.map(({ content }) => ({ version, entry: content, parts }));
}

function partOf(piece: Piece, shape: Shape): Part {
  const { transfer, targetName, content, files } = piece;
  if (transfer.target.type === "partition") {
    const group = shape.slots.find(({ transfers }) => transfers.includes(transfer.id));
    return { kind: "partition", device: group?.device ?? "", label: targetName, type: group?.type ?? "", content };
  }
  const path = pathOfPiece(piece, shape);
  return files === undefined ? { kind: "file", path, content } : { kind: "tree", path, files };
}

function versionsOf({ transfers, releases }: OwnWorldOptions): (fileName: string) => string | undefined {
  const byId = new Map<string, string>();
  for (const { version, pieces } of releases) {
    for (const { transfer, targetName } of pieces) {
      const fileName = targetName.slice(targetName.lastIndexOf("/") + 1);
      if (roleOf(transfer.target) === "entry") byId.set(parseEntryName(fileName)?.id ?? fileName, version);
    }
  }
  const entries = transfers.filter(({ target }) => roleOf(target) === "entry");
  return (fileName) => {
    const known = byId.get(parseEntryName(fileName)?.id ?? fileName);
    if (known !== undefined) return known;
    return entries.map(({ target }) => matchPatterns(target.patterns, fileName)?.fields.version).find(Boolean);
  };
}

/** Folders that hold nothing but versions. A pattern with folders in it, or a folder of others, is not looked into. */
function foldersOf(options: OwnWorldOptions): readonly string[] {
  const { transfers, shape, definitions } = options;
  const outside = transfers.flatMap((transfer) => localSource(transfer) ?? []);
  const links = linkOf(options) === undefined ? transfers.flatMap((transfer) => linkPathOf(transfer, shape) ?? []) : [];
  const own = ["/usr/lib/systemd/import-pubring.pgp", "/var/lib/holdfast", "/etc/os-release"];
  const taken = [...definitions.map(({ path }) => path), ...outside, ...links, ...own];
  return [
    ...new Set(
      transfers
        .filter(({ target }) => target.type !== "partition" && roleOf(target) === "image")
        .filter(({ target }) => !target.patterns.some(({ pieces }) => pieces.some(({ kind }) => kind === "slash")))
        .map((transfer) => folderOfTarget(transfer, shape))
        .filter((folder) => folder !== "/" && !shape.volumes.some(({ mountPoint }) => mountPoint === folder))
        .filter((folder) => !taken.some((path) => path === folder || path.startsWith(`${folder}/`))),
    ),
  ];
}

/** The checkers follow one link to one tree; others are left to the agent's own audit. */
function linkOf({ transfers, shape }: OwnWorldOptions): string | undefined {
  const [only, ...more] = transfers;
  if (only === undefined || more.length > 0) return undefined;
  return ["directory", "subvolume"].includes(only.target.type) ? linkPathOf(only, shape) : undefined;
}

function linkPathOf(transfer: Transfer, shape: Shape): string | undefined {
  const link = transfer.target.currentSymlink;
  if (link === undefined || link.startsWith("/")) return link;
  return joinPath(folderOfTarget(transfer, shape), link);
}

function foreignOn(esp: string | undefined): ReadonlyMap<string, Content> {
  if (esp === undefined) return new Map();
  return new Map([
    [`${esp}/EFI/BOOT/BOOTX64.EFI`, Content.pattern(7, 12_000)],
    [`${esp}/loader/loader.conf`, Content.text("timeout 3\n")],
  ]);
}

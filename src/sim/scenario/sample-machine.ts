// Sample machines for runs of the real agent: what is installed, what the repository offers, and the truth about both.
import { parseUuid } from "../../base/ids.ts";
import type { Build, Truth } from "../check/truth.ts";
import { SimWorld } from "../machine.ts";
import { simKeyring } from "../verifier/sim-verifier.ts";
import { define, switchTools, transfersOf } from "./sample-definitions.ts";
import {
  confOf,
  confPath,
  disk,
  entryPath,
  hasEntries,
  rootType,
  type SampleOptions,
  toolsOf,
  toolsPath,
  truthOf,
} from "./sample-parts.ts";
import { key, repository } from "./sample-repository.ts";

export { switchTools } from "./sample-definitions.ts";
export { entryPath, imagePath, type Layout, type SampleOptions } from "./sample-parts.ts";

export interface Sample {
  readonly world: SimWorld;
  readonly truth: Truth;
}

const sectors = 64;

/** The second image of a version that came with the machine. */
export function plantTools({ world }: Sample, version: string): void {
  world.tree.plant(toolsPath(version), toolsOf(version));
}

/** Where a version that runs well has its parts. */
function plant(world: SimWorld, build: Build, entry: string = `os_${build.version}`): void {
  plantParts(world, build);
  plantEntry(world, build, entry);
}

export function plantParts({ tree, devices }: SimWorld, build: Build): void {
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
}

/** `name` without its suffix: `os_2+3-0`. */
export function plantEntry({ tree }: SimWorld, { entry, version }: Build, name: string): void {
  if (entry === undefined) return;
  tree.plant(entry.equals(confOf(version)) ? confPath(`${name}.conf`) : entryPath(`${name}.efi`), entry);
}

/** The first publication of a version. */
export function buildNamed({ truth }: Sample, version: string): Build {
  const build = truth.builds.find((item) => item.version === version);
  if (build === undefined) throw new Error(`Assertion failed: the sample has a version ${version}`);
  return build;
}

function sampleWorld(options: SampleOptions): SimWorld {
  const slot = (number: number) => ({
    number,
    startSector: 2048 * number,
    sizeSectors: sectors,
    type: rootType,
    uuid: parseUuid(String(number).repeat(32)),
    label: "_empty",
    attributes: 0n,
  });
  const { seed, layout, slots = 2, espBytes = 1e7, rootBytes = 1e8 } = options;
  const partitions = Array.from({ length: slots }, (_, index) => slot(index + 1));
  return new SimWorld({
    seed,
    startMs: options.startMs ?? Date.UTC(2026, 11, 1),
    servers: [repository(options)],
    ...(options.firmware === undefined ? {} : { firmware: options.firmware }),
    ...(options.lostChains === undefined ? {} : { lostChains: options.lostChains }),
    fileSystems: [
      { mountPoint: "/", type: layout === "subvolumes" ? "btrfs" : "ext4", sizeBytes: rootBytes },
      ...(hasEntries(layout) ? [{ mountPoint: "/efi", type: "vfat", sizeBytes: espBytes } as const] : []),
    ],
    ...(layout === "slots"
      ? { tables: [{ device: disk, labelId: "f".repeat(8), sectorSizeBytes: 512, partitions }] }
      : {}),
  });
}

/** Images on ext4 or in slots, counted entries on a FAT volume at /efi; the running version is blessed. */
export function sampleMachine(options: SampleOptions): Sample {
  const truth = truthOf(options);
  const world = sampleWorld(options);
  const { tree } = world;
  for (const [name, text] of transfersOf(options)) define(world, name, text);
  if (options.tools !== undefined) switchTools(world, options.tools === "on");
  tree.plant("/usr/lib/systemd/import-pubring.pgp", simKeyring([key]));
  for (const folder of truth.folders) tree.plantFolder(folder);
  for (const [path, content] of truth.foreign) tree.plant(path, content);
  for (const version of options.installed) plant(world, buildNamed({ world, truth }, version));
  const running = options.running ?? options.installed.at(-1);
  if (running === undefined || running === "unknown") return { world, truth };
  if (truth.esp !== undefined) {
    tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${running}\n`);
    const suffix = options.layout === "conf" ? "conf" : "efi";
    world.variables.set("LoaderEntrySelected", `os_${running}.${suffix}`);
  }
  if (truth.link !== undefined) tree.plantLink(truth.link, `app_${running}`);
  return { world, truth };
}

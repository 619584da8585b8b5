// Machines with A/B partitions: a disk, definitions for it, and versions that are installed and found good.
import { rename } from "node:fs/promises";
import type { TestContext } from "node:test";
import { type Disk, type DiskOptions, makeDisk, mebi, type Slot, Unavailable, verityType } from "./disks.ts";
import { entryOf, uki, ukiTransfer } from "./parts.ts";
import { noise, transfer, World } from "./world.ts";

export async function withDisk(
  context: TestContext,
  slots: readonly Slot[],
  options: DiskOptions,
  body: (world: World, disk: Disk) => Promise<void>,
): Promise<void> {
  await using world = await World.make();
  let disk: Disk;
  try {
    disk = await makeDisk(world, slots, options);
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    context.skip(error.message);
    return;
  }
  await body(world, disk);
}

export const rootTransfer = (
  world: World,
  disk: Disk,
  target: Readonly<Record<string, string>> = {},
  source = "os_@v.img",
): string =>
  transfer(
    { Type: "url-file", Path: world.url, MatchPattern: source },
    { Type: "partition", Path: disk.device, MatchPattern: "os_@v", MatchPartitionType: "root-x86-64", ...target },
  );

export const verityTransfer = (world: World, disk: Disk): string =>
  transfer(
    { Type: "url-file", Path: world.url, MatchPattern: "os_@v.verity" },
    { Type: "partition", Path: disk.device, MatchPattern: "os_@v_verity", MatchPartitionType: verityType },
  );

export const image = (version: string): Buffer => noise(`image ${version}`, mebi + 12_345);
export const verity = (version: string): Buffer => noise(`verity ${version}`, 70_000);

/** The loader's work and a blessing: the counter goes. */
export async function bless(world: World, version: string): Promise<void> {
  await rename(world.host(`/efi/EFI/Linux/os_${version}+3-0.efi`), world.host(entryOf(version)));
  await world.running(version);
}

export const twoSlots: readonly Slot[] = [{ label: "_empty" }, { label: "_empty" }];

/** One transfer without verity, an entry, and versions that are installed, blessed and (the last one) running. */
export async function installed(world: World, disk: Disk, ...versions: readonly string[]): Promise<void> {
  await world.define("50-root.transfer", rootTransfer(world, disk));
  await world.define("90-uki.transfer", ukiTransfer(world));
  for (const version of versions) {
    await world.publish({ [`os_${version}.img`]: image(version), [`os_${version}.efi`]: uki(version) });
    await world.update();
    await bless(world, version);
  }
}

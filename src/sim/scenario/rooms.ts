// Little room: an ESP for two entries, a rollback without room for a copy, a root file system that is just big enough.
import { Content } from "../disk/content.ts";
import type { SimWorld } from "../machine.ts";
import { rollbackTo, update, updateTo } from "./commands.ts";
import { booted, did, type Listed, listed, sampleOf, three, two } from "./listed.ts";

const mebibyte = 1 << 20;

/** A file of another system's takes all but `leftBytes`. */
function fill({ tree }: SimWorld, mountPoint: string, leftBytes: number): void {
  const volume = tree.volume(mountPoint);
  const { blockBytes, sizeBytes } = volume.settings;
  const folder = mountPoint === "/" ? "/other" : `${mountPoint}/EFI/other`;
  tree.plantFolder(folder);
  const blocks = Math.floor((sizeBytes - volume.usedBytes() - leftBytes) / blockBytes);
  tree.plant(`${folder}/data`, Content.pattern(6, blocks * blockBytes));
}

export const rooms: readonly Listed[] = [
  listed("room: v2 to v3 on an ESP for two entries", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"], { espBytes: mebibyte + 70_000 }),
    before: [did(updateTo("2")), booted],
    work: update,
    outcomes: three,
    always: ["2"],
  })),
  listed("room: rollback on an ESP without room for a copy of the entry", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"], { espBytes: 2 * mebibyte }),
    // Someone else has filled it since.
    before: [did(update), booted, ({ world }) => fill(world, "/efi", 4_096)],
    work: rollbackTo("1"),
    recover: rollbackTo("1"),
    // A rename that the power cuts may cost FAT both names: then v2 is gone, and v1 boots.
    outcomes: [
      { next: "1", kept: ["1", "2"] },
      { next: "1", kept: ["1"], unfinished: true },
    ],
    always: ["1"],
  })),
  listed("room: v1 to v2 on a root file system that is just big enough", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [({ world }) => fill(world, "/", mebibyte + 77_824)],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("room: v2 to v3 on a root file system for two images", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [did(updateTo("2")), booted, ({ world }) => fill(world, "/", mebibyte + 12_288)],
    work: update,
    outcomes: three,
    always: ["2"],
  })),
];

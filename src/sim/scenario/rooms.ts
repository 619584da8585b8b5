// Little room: an ESP for two entries, a rollback without room for a copy, a root file system that is just big enough.
import { rollbackTo, update, updateTo } from "./commands.ts";
import { booted, did, type Listed, listed, sampleOf, three, two } from "./listed.ts";

const mebibyte = 1 << 20;

export const rooms: readonly Listed[] = [
  listed("room: v2 to v3 on an ESP for two entries", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"], { espBytes: mebibyte + 70_000 }),
    before: [did(updateTo("2")), booted],
    work: update,
    outcomes: three,
    always: ["2"],
  })),
  listed("room: rollback on an ESP without room for a copy of the entry", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [
      did(update),
      booted,
      ({ world }) => world.tree.volume("/efi").limitBytes(world.tree.volume("/efi").usedBytes() + 4_096),
    ],
    work: rollbackTo("1"),
    recover: rollbackTo("1"),
    outcomes: [{ next: "1", kept: ["1", "2"] }],
    always: ["1"],
  })),
  listed("room: v1 to v2 on a root file system that is just big enough", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2"]),
    before: [({ world }) => world.tree.volume("/").limitBytes(world.tree.volume("/").usedBytes() + mebibyte + 24_576)],
    work: update,
    outcomes: two,
    always: ["1"],
  })),
  listed("room: v2 to v3 on a root file system for two images", (seed) => ({
    sample: sampleOf(seed, "files", ["1"], ["1", "2", "3"]),
    before: [
      did(updateTo("2")),
      booted,
      ({ world }) => world.tree.volume("/").limitBytes(world.tree.volume("/").usedBytes() + mebibyte),
    ],
    work: update,
    outcomes: three,
    always: ["2"],
  })),
];

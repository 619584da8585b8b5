// What these scenarios are named after happens in them: the requests of a run that nothing disturbs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ways } from "./ways.ts";

const index = (version: string): readonly string[] => [
  `chunks/os_${version}.img.caibx 0`,
  `chunks/os_${version}.img.map 0`,
];
const seed = ["releases/1.json 0", "chunks/os_1.img.caibx 0"];
const listedIndex = "os_2.img.caibx 0";
/** Four chunks of one file each. */
const stored = ["b3d5", "a167", "04b6", "77fa"].map((id) => `store/${id} 0`);
const delta = "deltas/os_2.img-from-1.delta";

/** Path and first byte, without the index, the manifest of what is wanted, and the entry. */
const asked: Readonly<Record<string, readonly string[]>> = {
  "v1 to v2, by chunks": [...index("2"), ...seed, "chunks/2.pack 0"],
  "v1 to v2, by chunks into slots": [...index("2"), ...seed, "chunks/2.pack 0"],
  "v1 to v2, resumed in the middle of a delta": [`${delta} 0`, `${delta} 233`],
  "v1 to v2, resumed in the middle of chunks": [...index("2"), ...seed, "chunks/2.pack 0"],
  "v1 to v2, what was kept of it has its length, and ends in zeros": [`${delta} 0`, `${delta} 233`],
  "v1 to v2, what was kept of it is wrong": [`${delta} 0`, `${delta} 233`, `${delta} 233`],
  "v1 to v2, a delta that is damaged in its second half, then chunks": [
    `${delta} 0`,
    `${delta} 233`,
    ...index("2"),
    ...seed,
    "chunks/2.pack 3779",
  ],
  "v1 to v2, a delta that is damaged, then chunks, into slots": [
    `${delta} 0`,
    `${delta} 233`,
    ...index("2"),
    ...seed,
    "chunks/2.pack 3779",
  ],
  "v1 to v2, a damaged delta, then damaged chunks, then the whole file": [
    `${delta} 0`,
    `${delta} 233`,
    ...index("2"),
    ...seed,
    ...Array.from({ length: 5 }, () => "chunks/2.pack 3779"),
    "os_2.img 16000",
  ],
  "v1 to v2, the line is cut in a delta": [`${delta} 0`, `${delta} 233`, `${delta} 233`],
  "v1 to v2, the line is cut in a pack": [...index("2"), ...seed, "chunks/2.pack 0", "chunks/2.pack 0"],
  "v1 to v2, the way back is damaged, and mended by chunks first": [
    "releases/1.json 0",
    ...index("1"),
    "chunks/os_1.img.caibx 0",
    "chunks/1.pack 3817",
    ...index("2"),
    ...seed,
    "chunks/2.pack 0",
  ],
  "v1 to v2, by chunks of another publisher": [listedIndex, listedIndex, ...stored],
  // The size of what is in a slot is told by the index of its version.
  "v1 to v2, by chunks alone, into slots": [listedIndex, "os_1.img.caibx 0", listedIndex, ...stored],
  "v1 to v2, resumed in the middle of chunks of another publisher": [listedIndex, listedIndex, ...stored],
  "v1 to v2, a chunk of another publisher is damaged, then the whole file": [
    listedIndex,
    listedIndex,
    ...Array.from({ length: 5 }, () => stored).flat(),
    "os_2.img 3805",
  ],
  "v1 to v2, the index of another publisher is damaged, then the whole file": [
    listedIndex,
    // Its size, and what is in it.
    "os_2.img 0",
    "os_2.img 0",
  ],
  "v1 to v3, a seed that another run has left": [...index("3"), ...seed, "chunks/3.pack 3791"],
  "v2 to v3 by a delta from v1, which is damaged": ["os_3.img 0"],
  "repair of v2 by chunks": [...index("2"), ...seed, "chunks/2.pack 0"],
};

const shortened = (path: string): string => path.replace(/^\/os\//, "").replace(/^\/(store\/[0-9a-f]{4}).*$/, "$1");

for (const { name, make } of ways) {
  test(name, async () => {
    const { world, work } = await make(1);
    const now = world.fork();
    await work(now.run().machine);
    const wanted = /^(?:holdfast\.json|SHA256SUMS(?:\.gpg)?|releases\/[23]\.json|os_\d\.efi) /;
    const requests = now.servers.flatMap((server) => server.requests);
    const told = requests.map(({ path, offset }) => `${shortened(path)} ${offset}`);
    assert.deepEqual(
      told.filter((one) => !wanted.test(one)),
      asked[name.slice("ways: ".length)],
    );
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../../base/ids.ts";
import type { Instance, Offer } from "../../../domain/resource.ts";
import type { Situation } from "../../../domain/situation.ts";
import { releaseFile } from "../../../sim/scenario/sample-index.ts";
import { seedsOf } from "./installed-content.ts";

const version = parseVersion("1");
const image = releaseFile("os_1.img", new Uint8Array(1000));
const other = releaseFile("os_1.img", new Uint8Array(1000).fill(7));
const offered = {
  transfer: "10-root",
  version,
  ...image,
  shape: { kind: "bytes", compression: undefined },
  manifest: { ...image, folder: "", origin: "" },
} as unknown as Offer;
const wanted = { ...offered, version: parseVersion("2"), ...releaseFile("os_2.img", new Uint8Array(9)) };
const file = { kind: "file", path: "/images/os_1.img" } as const;
const slot = { kind: "partition", device: "/dev/a1", number: 1, sizeBytes: 4096 } as const;

function seedOf(place: typeof file | typeof slot, sizeBytes: number, content?: typeof image): unknown {
  const instance = { transfer: "10-root", version, place, sizeBytes } as unknown as Instance;
  const resources = content === undefined ? [] : [{ place, content: { kind: "bytes", ...content } }];
  const situation = {
    catalog: { releases: [{ offers: [wanted, offered] }] },
    inventory: { instances: [instance], leftovers: [] },
    versions: new Map([[version, { resources }]]),
  } as unknown as Situation;
  const [seed] = seedsOf({ offer: wanted, situation, gone: [], seedFiles: [] });
  return [seed?.published === offered, seed?.sizeBytes];
}

test("the index of a seed is the one of the offer with its bytes; of bytes that nobody has read, with its size", () => {
  assert.deepEqual(seedOf(file, 1000, image), [true, 1000]);
  assert.deepEqual(seedOf(file, 1000, other), [false, 1000]);
  assert.deepEqual(seedOf(file, 1000), [true, 1000]);
  assert.deepEqual(seedOf(file, 999), [false, 999]);
  assert.deepEqual(seedOf(slot, 4096), [true, 1000]);
  assert.deepEqual(seedOf(slot, 500), [false, 500]);
});

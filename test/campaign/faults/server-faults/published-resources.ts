// The same faults for a repository that `holdfast repo` made (issue 5): its index, and everything that a resource is made of.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { FaultServer } from "../../../../tools/lab/fault-server.ts";
import type { Rule } from "../../../../tools/lab/fault-script.ts";
import type { LabRelease } from "../../../../tools/lab/release.ts";
import { Published } from "../../../e2e/published.ts";
import { World } from "../../../e2e/world.ts";
import type { Contents } from "./matrix.ts";
import { type Place, placeOf, type Resource } from "./resource.ts";

const delta = "/deltas/os_3.erofs-from-os_2.erofs.delta";
const gone = { status: 404 } as const;
const withoutDelta: readonly Rule[] = [{ path: delta, ...gone }];
const withoutPieces: readonly Rule[] = [...withoutDelta, { path: /^\/chunks\//, ...gone }];

export const publishedResources: readonly Resource[] = [
  { name: "holdfast.json", kind: "list", path: "/holdfast.json" },
  { name: "manifest of the release", kind: "way", path: "/releases/3.json" },
  { name: "delta", kind: "way", path: delta },
  { name: "index of the chunks", kind: "way", path: "/chunks/os_3.erofs.caibx", standing: withoutDelta },
  { name: "index of a seed", kind: "way", path: "/chunks/os_2.erofs.caibx", standing: withoutDelta },
  { name: "map of the packs", kind: "way", path: "/chunks/os_3.erofs.map", standing: withoutDelta },
  { name: "pack", kind: "way", path: "/chunks/3-pack-1.pack", standing: withoutDelta },
  { name: "image that is not in pieces", kind: "payload", path: "/os_3.erofs", standing: withoutPieces },
  { name: "UKI beside an index", kind: "payload", path: "/os_3.efi" },
];

/** Most of the image is the same in all versions: a delta and chunks are both worth their while. */
const shape = { imageBytes: 400_000, sharedBytes: 340_000 } as const;

export interface PublishedReleases {
  readonly installed: readonly [LabRelease, LabRelease];
  readonly target: LabRelease;
  /** Served, and never written to. */
  readonly folder: string;
  readonly contents: Contents;
}

/** Publishes 1, 2 and 3; and 3 with other bytes under a key that no machine knows, which is what else may be sent. */
export async function publishReleases(world: World): Promise<PublishedReleases> {
  const [one, two, three] = await world.releases(["1", "2", "3"], shape);
  await using own = await Published.create(world, "faults", one, two, three);
  await using stranger = await World.create();
  const again = await stranger.release("3", { ...shape, seed: 7 });
  await using other = await Published.create(stranger, "faults", one, two, again);
  const read = async ({ folder }: Published): Promise<ReadonlyMap<string, Buffer>> => {
    const files = publishedResources.map(async ({ path }) => [path, await readFile(join(folder, path))] as const);
    return new Map(await Promise.all(files));
  };
  const contents = { bytes: await read(own), others: await read(other) };
  return { installed: [one, two], target: three, folder: own.folder, contents };
}

/** 1 and 2 are installed, 2 runs, 3 is offered. */
export async function publishedPlace(world: World, { installed, folder }: PublishedReleases): Promise<Place> {
  const server = await FaultServer.start(folder);
  return placeOf(world, { source: server.url, installed }, server);
}

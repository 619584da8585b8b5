import assert from "node:assert/strict";
import { test } from "node:test";
import { formatPackMap, packCheckBytes, type PackMap } from "../format/pack-map.ts";
import { formatReleaseManifest, type ReleaseFile, type ReleaseIndex } from "../format/release-files.ts";
import { Content } from "../sim/disk/content.ts";
import type { SimWorld } from "../sim/machine.ts";
import {
  folder,
  indexIn,
  publisherOn,
  publisherWorld,
  releaseIn,
  settings,
} from "../sim/publisher/sample-publisher.ts";
import { simSha256 } from "../sim/scenario/sample-index.ts";
import { addRelease } from "./add.ts";
import { readPackMap } from "./chunk-paths.ts";
import { commitStaged } from "./commit.ts";
import { initRepository } from "./init.ts";
import { publishIndex } from "./publish.ts";
import { readReleaseManifest } from "./read-manifest.ts";
import { verifyRepository } from "./verify.ts";

async function published(): Promise<SimWorld> {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  await addRelease(publisherOn(world), releaseIn(world, "1"));
  await commitStaged(publisherOn(world), false);
  return world;
}

/** Signed and listed as if a publisher had made this map. */
async function withMap(change: (map: PackMap) => PackMap): Promise<SimWorld> {
  const world = await published();
  const publisher = publisherOn(world);
  const plant = <File extends ReleaseFile>(file: File, bytes: Uint8Array): File => {
    world.tree.plant(`${folder}/${file.name}`, Content.of(bytes));
    return { ...file, sizeBytes: bytes.length, sha256: simSha256(bytes) };
  };
  const index = indexIn(world);
  const [release] = index.releases;
  assert.ok(release !== undefined);
  const manifest = await readReleaseManifest(publisher, release);
  const resources = [];
  for (const resource of manifest.resources) {
    const { chunks } = resource;
    if (chunks === undefined) resources.push(resource);
    else {
      const map = plant(chunks.map, formatPackMap(change(await readPackMap(publisher, chunks))));
      resources.push({ ...resource, chunks: { ...chunks, map } });
    }
  }
  const made = plant(release, formatReleaseManifest({ ...manifest, resources }));
  await publishIndex(publisher, settings, { ...index, serial: index.serial + 1, releases: [made] });
  return world;
}

const damages = async (world: SimWorld, samplePercent: number): Promise<readonly (readonly [string, string])[]> =>
  (await verifyRepository(publisherOn(world), samplePercent)).findings.map(({ file, sentence }) => [file, sentence]);

test("a map that leads out of its pack, or is of another index, is found", async () => {
  const name = "chunks/os_1.erofs.map";
  const cases: readonly (readonly [(map: PackMap) => PackMap, RegExp])[] = [
    [(map) => ({ ...map, offsets: map.offsets.map((offset) => offset + 1) }), /lies beyond the end of its pack\.$/],
    [(map) => ({ ...map, packs: map.packs.map(() => 1) }), /it names pack 1 of 1\.$/],
    [
      (map) => ({
        packs: map.packs.slice(1),
        offsets: map.offsets.slice(1),
        lengths: map.lengths.slice(1),
        checks: map.checks.slice(packCheckBytes),
      }),
      /it has \d+ chunks, the index \d+\.$/,
    ],
  ];
  for (const [change, sentence] of cases)
    for (const samplePercent of [5, 100]) {
      const found = await damages(await withMap(change), samplePercent);
      assert.deepEqual([found.map(([file]) => file)], [[name]]);
      assert.match(found[0]?.[1] ?? "", sentence);
    }
});

test("a chunk that is something else in its pack is found where everything is read", async () => {
  const world = await withMap((map) => ({
    ...map,
    checks: map.checks.map((byte, at) => (at === 0 ? byte ^ 1 : byte)),
  }));
  const [[file, sentence] = [], ...more] = await damages(world, 100);
  assert.deepEqual([file, more], ["chunks/os_1.erofs.map", []]);
  assert.match(sentence ?? "", /^1 of \d+ chunks are not in the packs where the map says they are\.$/);
  assert.deepEqual(await damages(world, 5), []);
});

test("a damaged pack is found once", async () => {
  const world = await published();
  world.tree.plant(`${folder}/chunks/1-pack-1.pack`, Content.text("other"));
  assert.deepEqual(
    (await damages(world, 100)).map(([file]) => file),
    ["chunks/1-pack-1.pack"],
  );
});

test("an index from more than a day ahead needs a look", async () => {
  const world = await published();
  const index: ReleaseIndex = indexIn(world);
  const ahead = (days: number): string =>
    `${new Date(world.clock.nowMs() + days * 86_400_000).toISOString().slice(0, 19)}Z`;
  for (const [days, expected] of [
    [0.9, []],
    [1.1, [["warning", "holdfast.json"]]],
  ] as const) {
    const made = { ...index, serial: index.serial + 1, created: ahead(days), expires: ahead(90) };
    await publishIndex(publisherOn(world), settings, made);
    const { findings } = await verifyRepository(publisherOn(world), 100);
    assert.deepEqual(
      findings.map(({ severity, file }) => [severity, file]),
      expected,
    );
  }
});

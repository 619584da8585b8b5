// A download by chunks: what this machine has is not fetched, whatever is damaged comes from elsewhere, and where nothing
// helps the whole file takes over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../../base/ids.ts";
import { randomBytes, PackServer } from "../../../delta/chunk/sample.fixture.ts";
import type { Offer } from "../../../domain/resource.ts";
import { formatChunkIndex } from "../../../format/chunk-index.ts";
import { formatPackMap } from "../../../format/pack-map.ts";
import { formatReleaseManifest, type ReleaseChunks } from "../../../format/release-files.ts";
import { Content } from "../../../sim/disk/content.ts";
import { type PlannedServerFault, SimServer } from "../../../sim/http/sim-server.ts";
import { releaseFile, simSha256 } from "../../../sim/scenario/sample-index.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../../sim/scenario/session.fixture.ts";
import { type Downloaded, downloadResource } from "../download-resource.ts";
import { ChunkSource, chunkWay, type SeedPlace } from "./chunk-way.ts";
import { wholeWay } from "./whole-way.ts";

const origin = "http://a.example";
const old = randomBytes(1, 300_000);
const target = new Uint8Array(
  Buffer.concat([
    old.subarray(0, 50_000),
    randomBytes(2, 20_000),
    old.subarray(70_000, 200_000),
    old.subarray(230_000),
  ]),
);
const sizeBytes = target.length;

const published = new PackServer();
const oldIndexBytes = formatChunkIndex((await published.publish(old)).index);
const { index, map, packs } = await published.publish(target);
const indexBytes = formatChunkIndex(index);
const mapBytes = formatPackMap(map);
const chunks: ReleaseChunks = {
  index: releaseFile("chunks/os_2.img.caibx", indexBytes),
  map: releaseFile("chunks/os_2.img.map", mapBytes),
  store: "chunks/default.castr",
  packs,
};
const metadataBytes = indexBytes.length + mapBytes.length;

const offer: Offer = {
  transfer: "10-root",
  version: parseVersion("2"),
  name: "os_2.img",
  location: `${origin}/os_2.img`,
  remote: true,
  shape: { kind: "bytes", compression: undefined },
  fields: { version: parseVersion("2") },
  evidence: "signed",
  sha256: simSha256(target),
  sizeBytes,
};

/** As release 1 was published, with an index of its image. */
function oldRelease(server: SimServer, ownIndex: Uint8Array): Offer {
  const resource = { name: "os_1.img", sizeBytes: old.length, sha256: simSha256(old) };
  const index = releaseFile("chunks/os_1.img.caibx", ownIndex);
  const { sizeBytes: contentBytes, sha256 } = resource;
  const manifestBytes = formatReleaseManifest({
    version: parseVersion("1"),
    epoch: 0,
    notes: "",
    resources: [
      { ...resource, role: "image", content: { sizeBytes: contentBytes, sha256 }, chunks: { ...chunks, index } },
    ],
    deltas: [],
  });
  server.put("/releases/1.json", manifestBytes);
  server.put(`/${index.name}`, ownIndex);
  const manifest = { ...releaseFile("releases/1.json", manifestBytes), folder: origin, origin };
  return { ...offer, ...resource, version: parseVersion("1"), location: `${origin}/os_1.img`, manifest };
}

interface Sample {
  /** The index that the repository has of what the seed should be. */
  readonly seedIndex?: Uint8Array;
  /** What lies in the seed's place; nothing where `null`. */
  readonly seed?: Uint8Array | null;
  readonly isWanted?: boolean;
  readonly seedBytes?: number;
  readonly faults?: readonly PlannedServerFault[];
  readonly kept?: Uint8Array;
  /** Of the server, by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** What the manifest names in place of the index. */
  readonly index?: Uint8Array;
}

interface Run extends SampleSession {
  readonly server: SimServer;
  go(): Promise<Downloaded>;
  readonly notes: () => readonly string[];
  readonly asked: () => readonly string[];
}

function machine(sample: Sample = {}): Run {
  const { seed = old, kept = new Uint8Array(0) } = sample;
  const server = new SimServer(origin);
  server.put("/os_2.img", target);
  const named = sample.index ?? indexBytes;
  server.put("/chunks/os_2.img.caibx", named);
  server.put("/chunks/os_2.img.map", mapBytes);
  for (const [name, bytes] of published.files) server.put(`/${name}`, bytes);
  for (const [path, bytes] of Object.entries(sample.files ?? {})) server.put(path, bytes);
  server.plan(...(sample.faults ?? []));
  const files = { "/staged": Content.of(kept), ...(seed === null ? {} : { "/images/os_1.img": Content.of(seed) }) };
  const world = bareWorld(files, { servers: [server] });
  const run = sessionOn(world);
  const { session } = run;
  const place: SeedPlace = {
    place: { kind: "file", path: "/images/os_1.img" },
    sizeBytes: sample.seedBytes ?? Number.MAX_SAFE_INTEGER,
    isWanted: sample.isWanted === true,
    published: sample.seedIndex === undefined ? undefined : oldRelease(server, sample.seedIndex),
  };
  const repository = { folder: origin, remote: true };
  return {
    ...run,
    server,
    notes: () => run.progress.events.flatMap((event) => (event.kind === "note" ? [event.text] : [])),
    asked: () => server.requests.map((request) => request.path.replace("/chunks/", "")),
    go: async () => {
      await using file = await run.machine.disk.open("/staged", "modify");
      const own = { ...chunks, index: releaseFile(chunks.index.name, named) };
      const source = new ChunkSource(session, { offer, chunks: own, repository, seeds: [place], known: new Map() });
      const ways = [chunkWay(source), wholeWay(session, offer)];
      const request = { offer, file, resumeBytes: kept.length, ways, onBytes: () => {}, onFlushed: async () => {} };
      const downloaded = await downloadResource(session, request);
      const made = world.tree.peek("/staged");
      assert.ok(made instanceof Content);
      assert.equal(simSha256(made.bytes()), offer.sha256);
      return downloaded;
    },
  };
}

const otherSizes = { min: 64, avg: 256, max: 2 ** 24 };
const newPack = "2-1.pack";

test("what an installed version has is not fetched: index, map, and the pack of what is new", async () => {
  const run = machine();
  const { transferredBytes } = await run.go();
  assert.deepEqual(run.asked(), ["os_2.img.caibx", "os_2.img.map", newPack]);
  assert.equal(transferredBytes, run.server.bytesSent);
  assert.ok(transferredBytes < metadataBytes + 30_000, `${transferredBytes}`);
});

test("the index of an installed version is fetched where there is one, and its file is read only where it is needed", async () => {
  const run = machine({ seedIndex: oldIndexBytes, seedBytes: old.length });
  const { transferredBytes } = await run.go();
  assert.deepEqual(run.asked(), ["os_2.img.caibx", "os_2.img.map", "/releases/1.json", "os_1.img.caibx", newPack]);
  assert.ok(transferredBytes < metadataBytes + oldIndexBytes.length + 30_500, `${transferredBytes}`);
});

test("an index of an installed version that is damaged, or of another file, costs the time to cut that version", async () => {
  for (const seedIndex of [indexBytes, oldIndexBytes.slice(0, -1), formatChunkIndex({ ...index, sizes: otherSizes })]) {
    const run = machine({ seedIndex, seedBytes: old.length });
    const { transferredBytes } = await run.go();
    assert.ok(transferredBytes < metadataBytes + seedIndex.length + 30_500, `${transferredBytes}`);
  }
});

test("without a seed all of it comes from the packs", async () => {
  const run = machine({ seed: null });
  const { transferredBytes } = await run.go();
  assert.ok(transferredBytes > sizeBytes * 0.9 && !run.asked().includes("/os_2.img"), `${transferredBytes}`);
  assert.match(run.notes()[0] ?? "", /os_1\.img.*; it is not used as a seed$/);
});

test("a damaged seed costs its damaged chunks", async () => {
  const damaged = old.slice();
  damaged.fill(0, 100_000, 100_010);
  const { transferredBytes } = await machine({ seed: damaged }).go();
  assert.ok(transferredBytes < metadataBytes + 40_000, `${transferredBytes}`);
});

test("a damaged copy of the very file is mended by the chunks that are damaged, found before anything is fetched", async () => {
  const damaged = target.slice();
  damaged.fill(0, 150_000, 150_010);
  damaged.fill(0, 151_000, 151_010);
  const run = machine({ seed: damaged, isWanted: true });
  const { transferredBytes } = await run.go();
  assert.equal(run.asked().length, 3);
  assert.ok(transferredBytes < metadataBytes + 10_000, `${transferredBytes}`);
});

test("of a partition only what it holds counts", async () => {
  const padded = new Uint8Array(Buffer.concat([old, randomBytes(5, 100_000)]));
  const { transferredBytes } = await machine({ seed: padded, seedBytes: old.length }).go();
  assert.ok(transferredBytes < metadataBytes + 30_000, `${transferredBytes}`);
});

test("an earlier run's bytes are kept, and a cut line goes on where it broke", async () => {
  const kept = await machine({ seed: null, kept: target.slice(0, 200_000) }).go();
  assert.ok(kept.transferredBytes < metadataBytes + 75_000, `${kept.transferredBytes}`);
  const run = machine({ faults: [{ path: `/chunks/${newPack}`, fault: { kind: "cut", afterBytes: 10_000 } }] });
  const { transferredBytes } = await run.go();
  assert.deepEqual(run.asked(), ["os_2.img.caibx", "os_2.img.map", newPack, newPack]);
  assert.ok(transferredBytes < metadataBytes + 40_000, `${transferredBytes}`);
});

const flip = (bytes: Uint8Array, at: number): Uint8Array => {
  const copy = Uint8Array.from(bytes);
  copy[at] = (copy[at] ?? 0) ^ 0x55;
  return copy;
};
const pack = published.files.get(`chunks/${newPack}`) ?? new Uint8Array(0);

const failures: readonly (readonly [sentence: string, sample: Sample, note: RegExp])[] = [
  ["the index is not there", { faults: [on("os_2.img.caibx", 404)] }, /does not have it.* at byte 0$/],
  [
    "the index allows chunks that would not fit into memory",
    { index: formatChunkIndex({ ...index, sizes: { ...index.sizes, max: 128 << 20 } }) },
    /chunk of 134217728 bytes.* at byte 0$/,
  ],
  ["the map is damaged", { files: { "/chunks/os_2.img.map": flip(mapBytes, 20) } }, /not the file that was published/],
  ["a pack is not there", { faults: [on(newPack, 404)] }, /does not have it.* at byte 49\d\d\d$/],
  ["a chunk in a pack is damaged", { files: { [`/chunks/${newPack}`]: flip(pack, 9_000) } }, /Cannot use the chunk/],
  [
    "the server knows no ranges",
    {
      seed: null,
      kept: target.slice(0, 200_000),
      faults: [{ path: "/chunks/1-1.pack", fault: { kind: "no-ranges" }, times: 9 }],
    },
    /the server sends whole files only; .* at byte 20\d\d\d\d$/,
  ],
];

function on(name: string, status: number): PlannedServerFault {
  return { path: `/chunks/${name}`, fault: { kind: "status", status }, times: 9 };
}

for (const [sentence, sample, note] of failures) {
  test(`the whole file takes over where ${sentence}`, async () => {
    const run = machine(sample);
    await run.go();
    assert.match(run.notes().at(-1) ?? "", note);
    assert.match(run.notes().at(-1) ?? "", /; going on with the whole file at byte \d+$/);
    assert.equal(run.asked().at(-1), "/os_2.img");
  });
}

test("a server that damages a chunk of each answer is left after five of them, however much it brings between", async () => {
  const places = [80_000, 100_000, 120_000, 140_000, 160_000, 180_000];
  const faults = places.map((at, after): PlannedServerFault => {
    return { path: "/chunks/1-1.pack", fault: { kind: "flip", at }, after };
  });
  const run = machine({ seed: null, faults });
  await run.go();
  const damaged = run.notes().filter((text) => text.startsWith("Cannot use the chunk"));
  assert.equal(damaged.length, 5);
  assert.match(damaged[4] ?? "", /; going on with the whole file at byte \d+$/);
  assert.equal(run.asked().at(-1), "/os_2.img");
});

test("a server that is silent about the index is left after three attempts, each of which takes its time", async () => {
  const stall = { kind: "stall", afterBytes: 0 } as const;
  const run = machine({ faults: [{ path: "/chunks/os_2.img.caibx", fault: stall, times: Number.POSITIVE_INFINITY }] });
  await run.go();
  assert.deepEqual(run.asked(), ["os_2.img.caibx", "os_2.img.caibx", "os_2.img.caibx", "/os_2.img"]);
});

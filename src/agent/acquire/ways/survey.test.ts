import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../../../base/ids.ts";
import type { Offer } from "../../../domain/resource.ts";
import type { Situation } from "../../../domain/situation.ts";
import { formatReleaseManifest } from "../../../format/release-files.ts";
import { Content } from "../../../sim/disk/content.ts";
import { SimServer } from "../../../sim/http/sim-server.ts";
import { releaseFile } from "../../../sim/scenario/sample-index.ts";
import { bareWorld, sessionOn } from "../../../sim/scenario/session.fixture.ts";
import { surveyWays } from "./survey.ts";

const origin = "http://a.example";
const version = parseVersion("2");
const image = releaseFile("os_2.img", new Uint8Array(100_000));
const small = new Uint8Array(100);
const chunks = {
  index: releaseFile("chunks/os_2.img.caibx", small),
  map: releaseFile("chunks/os_2.img.map", small),
  store: "chunks/default.castr",
  packs: [],
};
const manifest = formatReleaseManifest({
  version,
  epoch: 0,
  notes: "",
  resources: [{ ...image, role: "image", content: image, chunks }],
  deltas: [],
});

const offer: Offer = {
  transfer: "10-root",
  version,
  name: image.name,
  location: `${origin}/os_2.img`,
  remote: true,
  shape: { kind: "bytes", compression: undefined },
  fields: { version },
  evidence: "signed",
  sha256: image.sha256,
  sizeBytes: image.sizeBytes,
  manifest: { ...releaseFile("releases/2.json", manifest), folder: origin, origin },
};

/** Nothing is installed. */
const situation = {
  inventory: { instances: [], leftovers: [] },
  versions: new Map(),
  soundness: new Map(),
} as unknown as Situation;

test("chunks that take more memory than there is are not even planned", async () => {
  for (const [available, asked] of [
    [50_000, ["/releases/2.json"]],
    [500_000, ["/releases/2.json", "/chunks/os_2.img.caibx"]],
  ] as const) {
    const server = new SimServer(origin);
    server.put("/releases/2.json", manifest);
    server.put("/chunks/os_2.img.caibx", small);
    const memory = Content.text(`MemTotal: 1 kB\nMemFree: 1 kB\nMemAvailable:  ${available} kB\n`);
    const { session } = sessionOn(bareWorld({ "/proc/meminfo": memory }, { servers: [server] }));
    const request = { offer, situation, gone: [], seedFiles: [], keptBytes: 0, known: new Map(), thorough: true };
    const survey = await surveyWays(session, request);
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      asked,
    );
    assert.deepEqual(
      survey?.ways.map(({ kind }) => kind),
      ["whole"],
    );
  }
});

test("only as many seeds are looked at as fit into the memory that there is", async () => {
  for (const [indexMiB, memoryMiB] of [
    [1, 40 + 11 + 8 * 4],
    [4, 40 + 44 + 4 * 16],
    [8, 40 + 88 + 32],
    [12, 40 + 132],
  ] as const) {
    const index = { ...chunks.index, sizeBytes: indexMiB << 20 };
    const bytes = formatReleaseManifest({
      version,
      epoch: 0,
      notes: "",
      resources: [{ ...image, role: "image", content: image, chunks: { ...chunks, index } }],
      deltas: [],
    });
    const server = new SimServer(origin);
    server.put("/releases/2.json", bytes);
    const { session } = sessionOn(bareWorld({}, { servers: [server] }));
    const own = { ...offer, manifest: { ...releaseFile("releases/2.json", bytes), folder: origin, origin } };
    const seedFiles = Array.from({ length: 8 }, (_, number) => `/seed-${number}`);
    const request = { offer: own, situation, gone: [], seedFiles, keptBytes: 0, known: new Map(), thorough: true };
    const survey = await surveyWays(session, request);
    const way = survey?.lines.ways.find((line) => line.way === "chunks");
    assert.equal(way?.memoryBytes, memoryMiB << 20);
  }
});

test("what is read to choose a way keeps to the rate that was set", async () => {
  const large = new Uint8Array(50_000);
  const bytes = formatReleaseManifest({
    version,
    epoch: 0,
    notes: "",
    resources: [
      { ...image, role: "image", content: image, chunks: { ...chunks, index: releaseFile(chunks.index.name, large) } },
    ],
    deltas: [],
  });
  const server = new SimServer(origin);
  server.put("/releases/2.json", bytes);
  server.put("/chunks/os_2.img.caibx", large);
  const { session } = sessionOn(bareWorld({}, { servers: [server] }), { maxRateBytesPerSecond: 10_000 });
  const own = { ...offer, manifest: { ...releaseFile("releases/2.json", bytes), folder: origin, origin } };
  const request = { offer: own, situation, gone: [], seedFiles: [], keptBytes: 0, known: new Map(), thorough: true };
  const before = session.machine.clock.elapsedMs();
  const survey = await surveyWays(session, request);
  assert.equal(survey?.transferredBytes, large.length + bytes.length);
  assert.ok(session.machine.clock.elapsedMs() - before >= 5000);
});

test("a delta from a file that nobody has read is chosen once that file is read, and a dry run says that it was not", async () => {
  const old = new Uint8Array(90_000).fill(3);
  const other = old.slice().fill(4, 70_000, 70_001);
  const one = parseVersion("1");
  const delta = {
    ...releaseFile("deltas/os_2.img-from-os_1.img.delta", new Uint8Array(9000)),
    resource: image.name,
    from: { version: one, sizeBytes: old.length, sha256: releaseFile("os_1.img", old).sha256 },
    head: { sizeBytes: 500, sha256: image.sha256 },
    encoder: "zstd 1.5.7",
    memoryBytes: 1 << 20,
  };
  const bytes = formatReleaseManifest({
    version,
    epoch: 0,
    notes: "",
    resources: [{ ...image, role: "image", content: image, chunks: undefined }],
    deltas: [delta],
  });
  const own = { ...offer, manifest: { ...releaseFile("releases/2.json", bytes), folder: origin, origin } };
  const instance = {
    transfer: "10-root",
    version: one,
    place: { kind: "file", path: "/images/os_1.img" },
    fields: { version: one },
    sizeBytes: old.length,
    stamp: "s",
    fileSystem: "f",
  } as const;
  const here = {
    ...situation,
    inventory: { instances: [instance], leftovers: [] },
    soundness: new Map([[instance, "unknown"]]),
  } as unknown as Situation;
  for (const [content, thorough, ways, because] of [
    [old, false, ["delta", "whole"], ""],
    [other, false, ["whole"], "version 1 is here with other bytes"],
    [other, true, ["delta", "whole"], "if version 1, not read yet, is whole"],
  ] as const) {
    const server = new SimServer(origin);
    server.put("/releases/2.json", bytes);
    const { session } = sessionOn(bareWorld({ "/images/os_1.img": Content.of(content) }, { servers: [server] }));
    const request = { offer: own, situation: here, gone: [], seedFiles: [], keptBytes: 0, known: new Map(), thorough };
    const survey = await surveyWays(session, request);
    assert.deepEqual(
      survey?.ways.map(({ kind }) => kind),
      ways,
    );
    assert.equal(survey?.lines.ways.find((line) => line.way === "delta")?.because, because);
  }
});

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

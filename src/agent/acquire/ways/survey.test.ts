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

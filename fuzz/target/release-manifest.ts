// A release's manifest, `releases/VERSION.json`.
import { deepEqual, ok } from "node:assert/strict";
import { formatReleaseManifest, parseReleaseManifest } from "../../src/format/release-files.ts";
import { decoded, type Target } from "../target.ts";

const sha256 = "ab".repeat(32);
const seed = {
  format: 1,
  version: "5",
  epoch: 0,
  notes: "Faster.",
  resources: [
    { name: "demo_5.efi.zst", size: 9, sha256, content: { size: 20, sha256 }, role: "entry" },
    {
      name: "demo_5.erofs",
      size: 9,
      sha256,
      content: { size: 9, sha256 },
      role: "image",
      chunks: {
        index: { name: "chunks/demo_5.erofs.caibx", size: 3, sha256 },
        store: "chunks/default.castr",
        map: { name: "chunks/demo_5.erofs.map", size: 3, sha256 },
        packs: [{ name: "chunks/5-1.pack", size: 3, sha256 }],
      },
    },
  ],
  deltas: [
    {
      resource: "demo_5.erofs",
      from: { version: "4", size: 8, sha256 },
      name: "deltas/4_5",
      size: 3,
      sha256,
      head: { size: 2, sha256 },
      encoder: "zstd 1.5.7",
      memory: 64,
    },
  ],
};

export const target: Target = {
  name: "release-manifest",
  covers: ["src/format/release-files.ts", "src/format/json-fields.ts"],
  seeds: () => [JSON.stringify(seed), JSON.stringify({ ...seed, format: 2 })],
  run(bytes) {
    const manifest = decoded(() => parseReleaseManifest(bytes));
    if (manifest === undefined) return;
    ok([...manifest.resources, ...manifest.deltas].every(({ name }) => !name.split("/").includes("..")));
    deepEqual(parseReleaseManifest(formatReleaseManifest(manifest)), manifest);
  },
};

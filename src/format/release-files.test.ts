import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseSha256, parseVersion } from "../base/ids.ts";
import {
  formatReleaseIndex,
  formatReleaseManifest,
  parseReleaseIndex,
  parseReleaseManifest,
  type ReleaseIndex,
  type ReleaseManifest,
} from "./release-files.ts";

const sha256 = parseSha256("a".repeat(64));
const manifest: ReleaseManifest = {
  version: parseVersion("5"),
  epoch: 1,
  notes: "Better.\n",
  resources: [
    {
      name: "os_5.erofs",
      sizeBytes: 10,
      sha256,
      role: "image",
      content: { sizeBytes: 10, sha256 },
      chunks: {
        index: { name: "chunks/os_5.erofs.caibx", sizeBytes: 1, sha256 },
        store: "chunks/default.castr",
        map: { name: "chunks/os_5.erofs.map", sizeBytes: 2, sha256 },
        packs: [{ name: "chunks/5.pack", sizeBytes: 3, sha256 }],
      },
    },
    {
      name: "os_5.efi.xz",
      sizeBytes: 10,
      sha256,
      role: "entry",
      content: { sizeBytes: 100, sha256 },
      chunks: undefined,
    },
  ],
  deltas: [
    {
      name: "deltas/4-5",
      sizeBytes: 3,
      sha256,
      resource: "os_5.erofs",
      from: { version: parseVersion("4"), sizeBytes: 9, sha256 },
      head: { sizeBytes: 2, sha256 },
      encoder: "zstd 1.5.7",
      memoryBytes: 64,
    },
  ],
};
const index: ReleaseIndex = {
  serial: 7,
  created: "2026-07-01T12:00:00Z",
  expires: "2026-08-01T12:00:00Z",
  releases: [
    {
      version: parseVersion("5"),
      state: "offered",
      name: "releases/5.json",
      sizeBytes: 9,
      sha256,
      files: [{ name: "os_5.erofs", sizeBytes: 10, sha256 }],
    },
  ],
};
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const json = (content: Uint8Array): Record<string, unknown> => JSON.parse(new TextDecoder().decode(content));

test("what is written is the contract, and is read back the same", () => {
  assert.deepEqual(json(formatReleaseManifest(manifest)), {
    format: 1,
    version: "5",
    epoch: 1,
    notes: "Better.\n",
    resources: [
      {
        name: "os_5.erofs",
        size: 10,
        sha256,
        content: { size: 10, sha256 },
        role: "image",
        chunks: {
          index: { name: "chunks/os_5.erofs.caibx", size: 1, sha256 },
          store: "chunks/default.castr",
          map: { name: "chunks/os_5.erofs.map", size: 2, sha256 },
          packs: [{ name: "chunks/5.pack", size: 3, sha256 }],
        },
      },
      { name: "os_5.efi.xz", size: 10, sha256, content: { size: 100, sha256 }, role: "entry" },
    ],
    deltas: [
      {
        resource: "os_5.erofs",
        from: { version: "4", size: 9, sha256 },
        name: "deltas/4-5",
        size: 3,
        sha256,
        head: { size: 2, sha256 },
        encoder: "zstd 1.5.7",
        memory: 64,
      },
    ],
  });
  assert.deepEqual(parseReleaseManifest(formatReleaseManifest(manifest)), manifest);
  assert.deepEqual(json(formatReleaseIndex(index)), {
    format: 1,
    serial: 7,
    created: "2026-07-01T12:00:00Z",
    expires: "2026-08-01T12:00:00Z",
    releases: [
      {
        version: "5",
        state: "offered",
        name: "releases/5.json",
        size: 9,
        sha256,
        files: [{ name: "os_5.erofs", size: 10, sha256 }],
      },
    ],
  });
  assert.deepEqual(parseReleaseIndex(formatReleaseIndex(index)), index);
});

test("unknown fields are passed over", () => {
  assert.deepEqual(parseReleaseIndex(bytes({ ...json(formatReleaseIndex(index)), later: 1 })), index);
});

test("a file of another format, or with a field that is wrong, is refused", () => {
  const good = json(formatReleaseIndex(index));
  const file = { name: "os_5.erofs", size: 10, sha256 };
  const release = { version: "5", state: "offered", name: "releases/5.json", size: 9, sha256, files: [file] };
  for (const [change, code] of [
    [{ format: 2 }, "release-format-unknown"],
    [{ format: "1" }, "release-file-damaged"],
    [{ serial: -1 }, "release-file-damaged"],
    [{ serial: 1.5 }, "release-file-damaged"],
    [{ created: "2026-07-01" }, "release-file-damaged"],
    [{ expires: "2026-99-01T12:00:00Z" }, "release-file-damaged"],
    [{ releases: {} }, "release-file-damaged"],
    [{ releases: [1] }, "release-file-damaged"],
    [{ releases: [release, release] }, "release-file-damaged"],
    [{ releases: [{ ...release, state: "hidden" }] }, "release-file-damaged"],
    [{ releases: [{ ...release, name: "../x" }] }, "release-file-damaged"],
    [{ releases: [{ ...release, name: "a%2f" }] }, "release-file-damaged"],
    [{ releases: [{ ...release, name: "a\ud800" }] }, "release-file-damaged"],
    [{ releases: [{ ...release, sha256: "0" }] }, "release-file-damaged"],
    [{ releases: [{ ...release, version: "a b" }] }, "release-file-damaged"],
    [{ releases: [{ ...release, files: undefined }] }, "release-file-damaged"],
    [{ releases: [{ ...release, files: [file, file] }] }, "release-file-damaged"],
  ] as const)
    assert.throws(() => parseReleaseIndex(bytes({ ...good, ...change })), { code }, JSON.stringify(change));
  assert.throws(() => parseReleaseManifest(bytes({ ...json(formatReleaseManifest(manifest)), notes: undefined })), {
    code: "release-file-damaged",
    message: 'Cannot read the release file: the release manifest has no text "notes" of at most 1048576 characters',
  });
});

test("any bytes are a release file or a Fault", () => {
  const key = fc.constantFrom("format", "serial", "releases", "resources", "deltas", "version", "__proto__");
  const objects = fc
    .dictionary(key, fc.oneof(fc.jsonValue(), fc.constant(1)))
    .map((value) => bytes({ format: 1, ...value }));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), objects), (input) => {
      for (const parse of [parseReleaseIndex, parseReleaseManifest]) {
        try {
          parse(input);
        } catch (error) {
          assert.ok(error instanceof Fault);
        }
      }
    }),
  );
});

// The durable facts below /var/lib/holdfast: the first byte says which kind, the rest is the file.
import { deepEqual } from "node:assert/strict";
import {
  checkSchema,
  decodeRecord,
  espOpenSchema,
  floorSchema,
  holdSchema,
  journalSchema,
  partialSchema,
  pinSchema,
  quarantineSchema,
  type Schema,
  versionSchema,
} from "../../src/wire/state.ts";
import { type Target, textOf } from "../target.ts";

const schemas: readonly Schema<unknown>[] = [
  versionSchema,
  quarantineSchema,
  pinSchema,
  floorSchema,
  holdSchema,
  checkSchema,
  partialSchema,
  journalSchema,
  espOpenSchema,
];
const sha256 = "ab".repeat(32);
const place = { kind: "partition", device: "/dev/sda", number: 2, sizeBytes: 4096 };
const tree = {
  transfer: "20-tree",
  role: "image",
  place: { kind: "tree", path: "/a", subvolume: true },
  content: { kind: "tree", sha256 },
  trust: "adopted",
};
const image = {
  transfer: "10-image",
  role: "image",
  place,
  sourceName: "a",
  sourceSha256: sha256,
  content: { kind: "bytes", sha256, sizeBytes: 1 },
  trust: "proven",
  stamp: "x",
  verifiedAtMs: 1,
};
const entry = { ...tree, role: "entry", place: { kind: "file", path: "/efi/a.efi" } };
const records = [
  { format: 1, version: "5", installedAtMs: 1, partial: true, resources: [image, tree, entry] },
  { format: 1, version: "5", atMs: 1, evidence: "panic", text: "x" },
  { format: 1, version: "5", atMs: 1 },
  { format: 1, sources: { "http://example.org": { signedAtMs: 1 } } },
  { format: 1, sinceMs: 1, untilMs: 2 },
  { format: 1, atMs: 1, signedAtMs: 1, newest: "5" },
  { format: 1, sha256, place, bytes: 7 },
  { atMs: 1, event: "update", version: "5", text: "x" },
  { format: 1, recovered: ["FSCK0000.REC"], bootId: "x" },
];

export const target: Target = {
  name: "state",
  covers: ["src/wire/state.ts"],
  packages: ["valibot"],
  seeds: () => records.map((record, index) => `${index}${JSON.stringify(record)}`),
  run(bytes) {
    const schema = schemas[(bytes[0] ?? 0) % schemas.length];
    if (schema === undefined) return;
    const record = decodeRecord(schema, textOf(bytes.subarray(1)));
    if (record !== undefined) deepEqual(decodeRecord(schema, JSON.stringify(record)), record);
  },
};

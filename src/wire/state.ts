// Files of the durable facts (P7): JSON below /var/lib/holdfast, `format: 1`. Readers ignore fields they do not
// know and writers keep them: after a fall-back the older Holdfast reads what the newer one wrote.
import * as v from "valibot";
import { isSha256, isVersion, type Sha256, type Version } from "../base/ids.ts";
import type {
  CheckRecord,
  EspOpenRecord,
  FloorRecord,
  HoldRecord,
  JournalLine,
  PartialRecord,
  PinRecord,
  QuarantineRecord,
  ResourceRecord,
  VersionRecord,
} from "../domain/records.ts";
import type { ContentDigest, Place } from "../domain/resource.ts";

export type Schema<T> = v.GenericSchema<unknown, T>;

const sha256: Schema<Sha256> = v.custom<Sha256>((value) => typeof value === "string" && isSha256(value));
const version: Schema<Version> = v.custom<Version>((value) => typeof value === "string" && isVersion(value));
const count: Schema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const format: Schema<1> = v.literal(1);

const place: Schema<Place> = v.variant("kind", [
  v.looseObject({ kind: v.literal("file"), path: v.string() }),
  v.looseObject({ kind: v.literal("tree"), path: v.string(), subvolume: v.boolean() }),
  v.looseObject({ kind: v.literal("partition"), device: v.string(), number: count, sizeBytes: count }),
]);

const content: Schema<ContentDigest> = v.variant("kind", [
  v.looseObject({ kind: v.literal("bytes"), sha256, sizeBytes: count }),
  v.looseObject({ kind: v.literal("tree"), sha256 }),
]);

const resource: Schema<ResourceRecord> = v.looseObject({
  transfer: v.string(),
  role: v.picklist(["image", "addon", "entry"]),
  place,
  sourceName: v.exactOptional(v.string()),
  sourceSha256: v.exactOptional(sha256),
  content,
  trust: v.picklist(["proven", "adopted", "unproven"]),
  stamp: v.exactOptional(v.string()),
  verifiedAtMs: v.exactOptional(count),
});

export const versionSchema: Schema<VersionRecord> = v.looseObject({
  format,
  version,
  installedAtMs: count,
  partial: v.exactOptional(v.literal(true)),
  leaving: v.exactOptional(v.literal(true)),
  resources: v.pipe(v.array(resource), v.maxLength(1000)),
});

export const quarantineSchema: Schema<QuarantineRecord> = v.looseObject({
  format,
  version,
  atMs: count,
  evidence: v.string(),
  text: v.string(),
});

export const pinSchema: Schema<PinRecord> = v.looseObject({ format, version, atMs: count });

export const floorSchema: Schema<FloorRecord> = v.looseObject({
  format,
  sources: v.record(
    v.string(),
    v.looseObject({
      signedAtMs: count,
      index: v.exactOptional(v.looseObject({ serial: count, signedAtMs: count })),
    }),
  ),
});

export const holdSchema: Schema<HoldRecord> = v.looseObject({
  format,
  sinceMs: count,
  untilMs: v.exactOptional(count),
});

export const checkSchema: Schema<CheckRecord> = v.looseObject({
  format,
  atMs: count,
  signedAtMs: v.exactOptional(count),
  newest: v.exactOptional(v.string()),
  withdrawn: v.exactOptional(v.pipe(v.array(version), v.maxLength(1000))),
});

export const partialSchema: Schema<PartialRecord> = v.looseObject({ format, sha256, place, bytes: count });

export const journalSchema: Schema<JournalLine> = v.looseObject({
  atMs: count,
  event: v.string(),
  version: v.exactOptional(v.string()),
  text: v.string(),
});

/** What lay recovered on the FAT volumes before our own change to them began; older ones do not say. */
export const espOpenSchema: Schema<EspOpenRecord> = v.looseObject({
  format,
  recovered: v.exactOptional(v.pipe(v.array(v.string()), v.maxLength(10_000))),
  bootId: v.exactOptional(v.string()),
});

/** The value, or `undefined` when the text is no record of this kind: a damaged fact is a lost fact. */
export function decodeRecord<T>(schema: Schema<T>, text: string): T | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : undefined;
}

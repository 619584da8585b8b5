// What a publisher keeps beside a repository, in `.holdfast/`: how it is signed and made, what is staged, what is to go.
import * as v from "valibot";
import { isSha256, isVersion, type Sha256, type Version } from "../base/ids.ts";
import type { ChunkSizes } from "../format/chunk-index.ts";
import type { SigningKey } from "../domain/signing-key.ts";
import type { Schema } from "./state.ts";

export interface RepositorySettings {
  readonly format: 1;
  readonly key: SigningKey;
  /** The public key, base64 of a binary keyring. */
  readonly keyring: string;
  /** How long an index is good for. */
  readonly expiresDays: number;
  /** Absent: images are not cut into chunks. */
  readonly chunks?: ChunkSizes;
  /** Whether every chunk lies in a store as well, for desync and casync. */
  readonly store: boolean;
  /** From how many releases deltas are made. */
  readonly deltas: number;
  /** How many releases prune leaves where nothing is said. */
  readonly keep: number;
  /** How long what no index names any more stays where it is. */
  readonly graceDays: number;
}

/** `.holdfast/staging/VERSION/staged.json`: written last, so what has it is whole. */
export interface StagedRecord {
  readonly format: 1;
  readonly version: Version;
  readonly manifest: { readonly name: string; readonly sizeBytes: number; readonly sha256: Sha256 };
}

/** `.holdfast/retired.json`: since when no published index names these files, by path. */
export interface RetiredRecord {
  readonly format: 1;
  readonly since: Readonly<Record<string, number>>;
}

const count: Schema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const sha256: Schema<Sha256> = v.custom<Sha256>((value) => typeof value === "string" && isSha256(value));
const version: Schema<Version> = v.custom<Version>((value) => typeof value === "string" && isVersion(value));
const format: Schema<1> = v.literal(1);

const key: Schema<SigningKey> = v.variant("kind", [
  v.looseObject({ kind: v.literal("file"), path: v.string() }),
  v.looseObject({ kind: v.literal("command"), argv: v.pipe(v.array(v.string()), v.minLength(1), v.maxLength(100)) }),
]);

export const settingsSchema: Schema<RepositorySettings> = v.looseObject({
  format,
  key,
  keyring: v.string(),
  expiresDays: count,
  chunks: v.exactOptional(v.looseObject({ min: count, avg: count, max: count })),
  store: v.boolean(),
  deltas: count,
  keep: count,
  graceDays: count,
});

export const stagedSchema: Schema<StagedRecord> = v.looseObject({
  format,
  version,
  manifest: v.looseObject({ name: v.string(), sizeBytes: count, sha256 }),
});

export const retiredSchema: Schema<RetiredRecord> = v.looseObject({ format, since: v.record(v.string(), count) });

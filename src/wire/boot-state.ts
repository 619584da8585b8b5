// Files of what is remembered of boots, below /var/lib/holdfast/boot; as in state.ts, unknown fields stay.
import * as v from "valibot";
import type { Version } from "../base/ids.ts";
import { isVersion } from "../base/ids.ts";
import type {
  BootsRecord,
  FellBackRecord,
  FineUnitsRecord,
  TrialsRecord,
  TryRecord,
} from "../domain/boot/boot-record.ts";
import type { Schema } from "./state.ts";

const version: Schema<Version> = v.custom<Version>((value) => typeof value === "string" && isVersion(value));
const count: Schema<number> = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const format: Schema<1> = v.literal(1);
const line: Schema<string> = v.pipe(v.string(), v.maxLength(4096));

export const bootsSchema: Schema<BootsRecord> = v.looseObject({
  format,
  boots: v.pipe(
    v.array(
      v.looseObject({
        bootId: line,
        atMs: count,
        version: v.exactOptional(version),
        entryId: v.exactOptional(line),
        counted: v.boolean(),
        verdict: v.exactOptional(v.picklist(["good", "bad", "given-back"])),
        failed: v.exactOptional(v.pipe(v.array(v.looseObject({ name: line, text: line })), v.maxLength(200))),
      }),
    ),
    v.maxLength(200),
  ),
  panicsSeen: v.exactOptional(v.pipe(v.array(line), v.maxLength(2000))),
});

export const trialsSchema: Schema<TrialsRecord> = v.looseObject({
  format,
  trials: v.pipe(
    v.array(v.looseObject({ version, exhausted: count, open: v.boolean(), atMs: count })),
    v.maxLength(200),
  ),
});

export const trySchema: Schema<TryRecord> = v.looseObject({
  format,
  version,
  back: version,
  atMs: count,
  bootId: v.exactOptional(line),
});

export const fineUnitsSchema: Schema<FineUnitsRecord> = v.looseObject({
  format,
  version: v.exactOptional(version),
  atMs: count,
  fine: v.pipe(v.array(line), v.maxLength(10_000)),
});

export const fellBackSchema: Schema<FellBackRecord> = v.looseObject({
  format,
  version,
  to: v.exactOptional(version),
  atMs: count,
  evidence: line,
  text: line,
  details: v.pipe(v.array(line), v.maxLength(200)),
});

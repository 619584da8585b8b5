// /var/lib/holdfast/handed-over.json: what of systemd-sysupdate was on before `holdfast enable`, for `holdfast disable`.
import * as v from "valibot";

export interface HandedOverUnit {
  readonly unit: string;
  /** Where it was switched on: for good, until the next boot, or by its vendor (it is masked then). */
  readonly by: "enabled" | "enabled-runtime" | "vendor";
  /** It ran, and waited for its time. */
  readonly active: boolean;
}

export interface HandedOverRecord {
  readonly format: 1;
  readonly units: readonly HandedOverUnit[];
}

export const handedOverSchema: v.GenericSchema<unknown, HandedOverRecord> = v.looseObject({
  format: v.literal(1),
  units: v.pipe(
    v.array(
      v.looseObject({
        unit: v.pipe(v.string(), v.regex(/^systemd-sysupdate[\w-]{0,100}\.(?:timer|socket)$/)),
        by: v.picklist(["enabled", "enabled-runtime", "vendor"]),
        active: v.boolean(),
      }),
    ),
    v.maxLength(20),
  ),
});

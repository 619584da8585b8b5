// Which old versions go after success (P3): whole, never below the way back, the fewest InstancesMax= deciding.
import type { Version } from "../base/ids.ts";
import type { Removal } from "./plan.ts";
import { removalOf } from "./removal.ts";
import { minInstancesMax, keepAndRemove } from "./retention.ts";
import { everythingOf, isProtected, isWhole, type Situation } from "./situation.ts";
import { compareVersions } from "./version-order.ts";

/** Removals for after the audit. `gone`: versions that the plan removes earlier. */
export function chooseRetired(
  situation: Situation,
  target: Version | undefined,
  keep: ReadonlySet<Version>,
  gone: ReadonlySet<Version>,
): readonly Removal[] {
  const installed = [
    ...new Set([
      ...situation.inventory.instances.map(({ version }) => version),
      ...(target === undefined ? [] : [target]),
    ]),
  ]
    .filter((version) => !gone.has(version))
    .sort((a, b) => compareVersions(b, a));
  const limit = Math.max(2, situation.instancesMax ?? minInstancesMax(situation.transfers));
  const { remove } = keepAndRemove({
    versions: installed.map((version) => ({
      version,
      running: version === situation.running.version,
      wayBack: keep.has(version),
      target: version === target,
      pinned: situation.pins.has(version),
      protected: isProtected(situation, version),
      complete: version === target || isWhole(situation, version),
      quarantined: situation.quarantine.has(version),
      obsolete: situation.transfers.some(
        ({ minVersion }) => minVersion !== undefined && compareVersions(version, minVersion) < 0,
      ),
    })),
    instancesMax: limit,
  });
  return remove.map((version) => removalOf(situation, version, "retention", everythingOf(situation, version)));
}

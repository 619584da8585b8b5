// What an update has put in place, for its report and for those who are told of it.
import type { Plan } from "../../domain/plan.ts";
import type { Place } from "../../domain/resource.ts";
import type { InstalledLine } from "../../wire/reports.ts";

/** Of a plan that was carried out. */
export function installedLines(plan: Plan): readonly InstalledLine[] {
  return plan.steps
    .filter((step) => step.kind === "install")
    .map(({ destination: { transfer, place } }) => ({ transfer, path: pathOf(place) }));
}

/** A partition's device node. */
function pathOf(place: Place): string {
  if (place.kind !== "partition") return place.path;
  const { device, number } = place;
  return /[0-9]$/.test(device) ? `${device}p${number}` : `${device}${number}`;
}

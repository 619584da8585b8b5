// Steps in words, for progress, `--dry-run` and the journal; apart from their execution, which `status` need not load.
import { describePlace } from "../../domain/resource.ts";
import type { Step } from "../../domain/plan.ts";

export function titleOf(step: Step): string {
  switch (step.kind) {
    case "prove":
      return `Verify the way back, version ${step.version}`;
    case "admit":
      return `Ask whether the firmware would start ${step.offer.name}`;
    case "clear":
      if (step.removal.why === "incomplete")
        return `Hide the boot entry of ${step.removal.version} until all of it is here`;
      return `Remove version ${step.removal.version} (${reasons[step.removal.why]})`;
    case "acquire":
      return `${step.offer.remote ? "Download" : "Copy"} ${step.offer.name}`;
    case "install":
      return `${step.destination.role === "entry" ? "Add the boot entry" : "Install"} ${describePlace(step.destination.place)}`;
    case "link":
      return `Point ${step.symlink} at ${step.target}`;
    case "audit":
      return step.boots
        ? `Audit: does version ${step.version} boot next, and is it whole?`
        : `Audit: is version ${step.version} whole?`;
    case "sweep":
      return `Sweep away ${step.leftovers.length} left-over ${step.leftovers.length === 1 ? "item" : "items"}`;
  }
}

const reasons = {
  "make-room": "to make room",
  retention: "kept long enough",
  obsolete: "obsolete",
  asked: "asked for",
  broken: "its entry cannot boot",
  incomplete: "until all of it is here",
  "disabled-feature": "its feature is switched off",
  replaced: "never booted, and replaced",
} as const;

// Plans for tests: made from a sample situation, held against P2 and P3 whatever else a test looks at, in few words.
import { assert } from "../base/assert.ts";
import type { Plan, Planned, Refusal, Step } from "./plan.ts";
import { planUpdate } from "./planner.ts";
import { nothingTakenFromUnder, planKeepsWayBack } from "./promises.ts";
import type { Offer } from "./resource.ts";
import { sampleRelease } from "./sample-situation.ts";
import type { Situation } from "./situation.ts";

export interface SampleWish {
  /** Version 3 when absent. */
  readonly version?: string;
  /** Of every offer. */
  readonly offer?: Partial<Offer>;
  readonly acquireOnly?: boolean;
}

/** A step in a few words. */
export function stepInWords(step: Step): string {
  switch (step.kind) {
    case "prove":
      return `prove ${step.version}`;
    case "admit":
      return `admit ${step.offer.name}`;
    case "clear": {
      const parts = step.removal.instances.map(({ transfer }) => transfer.slice(3));
      return `clear ${step.removal.version} (${step.removal.why}): ${parts.join(" ")}`;
    }
    case "acquire":
      return `acquire ${step.offer.name}${step.resumeBytes > 0 ? ` from ${step.resumeBytes}` : ""}`;
    case "install":
      return `install ${step.offer.name}`;
    case "link":
      return `link ${step.symlink} ${step.target}`;
    case "audit":
      return `audit ${step.version}`;
    case "sweep":
      return `sweep ${step.leftovers.map(({ digestPrefix, name }) => digestPrefix ?? name).join(" ")}`;
  }
}

export function samplePlanned(
  situation: Situation,
  { version = "3", offer, acquireOnly = false }: SampleWish = {},
): Planned {
  return planUpdate(situation, sampleRelease(version, situation.transfers, offer), { acquireOnly });
}

export function samplePlan(situation: Situation, wish: SampleWish = {}): Plan {
  const outcome = samplePlanned(situation, wish);
  assert(outcome.kind === "plan", JSON.stringify(outcome));
  const { plan } = outcome;
  const removals = plan.steps.flatMap((step) => (step.kind === "clear" ? [step.removal] : []));
  const { graph, pins, running } = situation;
  const p2 = nothingTakenFromUnder({ graph, removals });
  assert(p2.holds, p2.sentence);
  const p3 = planKeepsWayBack({ graph, plan, pinned: [...pins], running: running.version });
  assert(p3.holds, p3.sentence);
  return plan;
}

export function sampleSteps(situation: Situation, wish: SampleWish = {}): readonly string[] {
  return samplePlan(situation, wish).steps.map(stepInWords);
}

export function sampleRefusal(situation: Situation, wish: SampleWish = {}): Refusal {
  const outcome = samplePlanned(situation, wish);
  assert(outcome.kind === "refused", JSON.stringify(outcome));
  return outcome.refusal;
}

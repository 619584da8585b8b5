// The ways of everything that a plan brings in: for `--dry-run`, and for each step when its turn has come.
import type { Plan, Step } from "../../../domain/plan.ts";
import type { Place } from "../../../domain/resource.ts";
import type { Observation } from "../../observe/observe.ts";
import type { Session } from "../../session.ts";
import type { KnownManifests } from "./release-manifest.ts";
import { hasWays, type Survey, type SurveyRequest, surveyWays } from "./survey.ts";

type AcquireStep = Extract<Step, { kind: "acquire" }>;

/** What is removed before the bytes come, and where they are written. */
export function goneBefore(plan: Plan, { destination }: Pick<AcquireStep, "destination">): readonly Place[] {
  const first = plan.steps.findIndex(({ kind }) => kind === "acquire");
  const removed = plan.steps
    .slice(0, Math.max(0, first))
    .flatMap((step) => (step.kind === "clear" ? step.removal.instances.map(({ place }) => place) : []));
  return [destination.place, ...removed];
}

export async function waysOfStep(
  session: Session,
  { situation }: Observation,
  plan: Plan,
  step: Pick<AcquireStep, "offer" | "destination">,
  request: Pick<SurveyRequest, "known" | "keptBytes" | "thorough">,
): Promise<Survey | undefined> {
  const { offer } = step;
  if (!hasWays(session, offer)) return undefined;
  const seedFiles = session.settings.seedFiles ?? [];
  const gone = goneBefore(plan, step);
  return surveyWays(session, { ...request, offer, situation, gone, seedFiles });
}

/** By the name of the offer. */
export async function waysOfPlan(
  session: Session,
  observation: Observation,
  plan: Plan,
): Promise<ReadonlyMap<string, Survey>> {
  const known: KnownManifests = new Map();
  const surveys = new Map<string, Survey>();
  for (const step of plan.steps) {
    if (step.kind !== "acquire") continue;
    const { offer, resumeBytes: keptBytes } = step;
    // All of it seems to be here.
    if (offer.sizeBytes !== undefined && keptBytes >= offer.sizeBytes) continue;
    const survey = await waysOfStep(session, observation, plan, step, { known, keptBytes, thorough: true });
    if (survey !== undefined) surveys.set(step.offer.name, survey);
  }
  return surveys;
}

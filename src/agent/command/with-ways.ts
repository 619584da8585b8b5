// `update --dry-run`: what each way of bringing a resource in would cost, and the plan's amounts by the ways that are chosen.
import type { Plan, Step } from "../../domain/plan.ts";
import type { UpdateReport } from "../../wire/reports.ts";
import { waysOfPlan } from "../acquire/ways/plan-ways.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";

export async function withWays(
  session: Session,
  observation: Observation,
  plan: Plan,
  report: UpdateReport,
): Promise<UpdateReport> {
  const surveys = await waysOfPlan(session, observation, plan);
  if (surveys.size === 0) return report;
  const chosen = (step: Step | undefined): number | undefined =>
    step?.kind === "acquire"
      ? surveys.get(step.offer.name)?.lines.ways.find((way) => way.chosen)?.downloadBytes
      : undefined;
  const steps = report.steps.map((line, at) => ({ ...line, bytes: chosen(plan.steps[at]) ?? line.bytes }));
  const amounts = steps.flatMap(({ kind, bytes }) => (kind === "acquire" ? [bytes] : []));
  const total = amounts.reduce<number | undefined>(
    (sum, bytes) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );
  return { ...report, steps, downloadBytes: total, ways: [...surveys.values()].map(({ lines }) => lines) };
}

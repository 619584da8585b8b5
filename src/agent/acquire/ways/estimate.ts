// What a plan would download, told without reading any old bytes: for `check`, which is asked often. `--dry-run` works it out.
import { Fault } from "../../../base/fault.ts";
import type { Plan, Step } from "../../../domain/plan.ts";
import type { Situation } from "../../../domain/situation.ts";
import type { ReleaseManifest } from "../../../format/release-files.ts";
import type { Session } from "../../session.ts";
import { placeOfContent, seedsOf } from "./installed-content.ts";
import { memoryLimitBytes } from "./memory.ts";
import { goneBefore } from "./plan-ways.ts";
import { type KnownManifests, manifestOf } from "./release-manifest.ts";
import { hasWays } from "./survey.ts";
import type { Traffic } from "./way.ts";

export interface Estimate {
  /** `undefined`: a server did not say how much it has. */
  readonly bytes: number | undefined;
  /** Chunks of what is here may make it less; how much, only planning them tells. */
  readonly atMost: boolean;
  /** If everything came as whole files. */
  readonly wholeBytes: number | undefined;
}

type AcquireStep = Extract<Step, { kind: "acquire" }>;

const uncounted: Traffic = { count: () => undefined, pace: () => Promise.resolve() };

async function manifestIfAny(
  session: Session,
  { offer }: AcquireStep,
  known: KnownManifests,
): Promise<ReleaseManifest | undefined> {
  if (!hasWays(session, offer)) return undefined;
  try {
    return await manifestOf(session, offer, known, uncounted);
  } catch (error) {
    session.signal.throwIfAborted();
    if (!(error instanceof Fault)) throw error;
    return undefined; // an update says so, and fetches the whole file
  }
}

async function ofStep(
  session: Session,
  situation: Situation,
  plan: Plan,
  step: AcquireStep,
  known: KnownManifests,
): Promise<Estimate> {
  const { offer, resumeBytes } = step;
  if (offer.sizeBytes === undefined) return { bytes: undefined, atMost: false, wholeBytes: undefined };
  const wholeBytes = Math.max(0, offer.sizeBytes - resumeBytes);
  const whole = { bytes: wholeBytes, atMost: false, wholeBytes };
  const manifest = wholeBytes === 0 ? undefined : await manifestIfAny(session, step, known);
  if (manifest === undefined) return whole;
  const gone = goneBefore(plan, step);
  const memoryBytesMax = await memoryLimitBytes(session);
  const share = wholeBytes / offer.sizeBytes;
  const deltas = manifest.deltas
    .filter(({ resource, from }) => resource === offer.name && placeOfContent(situation, from, gone) !== undefined)
    .filter(({ memoryBytes }) => memoryBytes <= memoryBytesMax)
    .map(({ sizeBytes, head }) => head.sizeBytes + Math.round((sizeBytes - head.sizeBytes) * share));
  const bytes = Math.min(...deltas);
  if (bytes < wholeBytes) return { bytes, atMost: false, wholeBytes };
  const hasChunks = manifest.resources.some(({ name, chunks }) => name === offer.name && chunks !== undefined);
  const { seedFiles = [] } = session.settings;
  return { ...whole, atMost: hasChunks && seedsOf({ offer, situation, gone, seedFiles }).length > 0 };
}

const sum = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? undefined : a + b;

export async function estimateOf(session: Session, situation: Situation, plan: Plan): Promise<Estimate> {
  const known: KnownManifests = new Map();
  let total: Estimate = { bytes: 0, atMost: false, wholeBytes: 0 };
  for (const step of plan.steps) {
    if (step.kind !== "acquire") continue;
    const { bytes, atMost, wholeBytes } = await ofStep(session, situation, plan, step, known);
    total = {
      bytes: sum(total.bytes, bytes),
      atMost: total.atMost || atMost,
      wholeBytes: sum(total.wholeBytes, wholeBytes),
    };
  }
  return total;
}

// By delta: the resource is made out of what an installed version has, and what a delta adds (issue 5).
import { Fault } from "../../../base/fault.ts";
import { applyDelta } from "../../../delta/apply-delta.ts";
import { type DeltaPlan, openDelta } from "../../../delta/open-delta.ts";
import type { Offer, Place } from "../../../domain/resource.ts";
import { deltaLimits } from "../../../format/delta-file.ts";
import type { ReleaseDelta } from "../../../format/release-files.ts";
import type { Session } from "../../session.ts";
import { openPlace } from "./local-bytes.ts";
import { fetchStart, rangesOf, type RepositoryPlace } from "./repository-file.ts";
import { failureOf, owning, type Stream, type Traffic, type Way } from "./way.ts";

export interface DeltaWay {
  readonly offer: Offer;
  readonly delta: ReleaseDelta;
  readonly repository: RepositoryPlace;
  /** What the delta starts from, by its digest. */
  readonly from: Place;
}

async function readPlan(
  session: Session,
  { offer, delta, repository }: DeltaWay,
  traffic: Traffic,
): Promise<DeltaPlan> {
  if (delta.head.sizeBytes > Math.min(deltaLimits.headBytes, delta.sizeBytes))
    throw new Fault("delta-damaged", `Cannot use ${delta.name}: its head has ${delta.head.sizeBytes} bytes`);
  const head = await fetchStart(rangesOf(session, repository, traffic), delta, delta.head.sizeBytes);
  const plan = openDelta(head, delta);
  if (plan.recipe.targetBytes === offer.sizeBytes) return plan;
  throw new Fault("delta-damaged", `Cannot use ${delta.name}: it makes ${plan.recipe.targetBytes} bytes`);
}

async function* apply(
  session: Session,
  { repository, from }: DeltaWay,
  plan: DeltaPlan,
  fromByte: number,
  traffic: Traffic,
): AsyncGenerator<Uint8Array> {
  await using old = await openPlace(session, from);
  await using rebuilder = session.machine.rebuilder.start(session.signal);
  const { encoders } = plan.recipe;
  const fetch = rangesOf(session, repository, traffic);
  yield* applyDelta({
    plan,
    old,
    fetch,
    fromByte,
    rebuild: (group, input) => rebuilder.rebuild({ group, encoders, input }),
  });
}

/** The head is fetched once, whatever the line does after it. */
export function deltaWay(session: Session, request: DeltaWay): Way {
  let plan: DeltaPlan | undefined;
  return {
    kind: "delta",
    title: `a delta from version ${request.delta.from.version}`,
    open: async (fromByte, traffic): Promise<Stream> => {
      try {
        plan ??= await readPlan(session, request, traffic);
      } catch (error) {
        throw failureOf(error);
      }
      return { startsAt: fromByte, body: owning(apply(session, request, plan, fromByte, traffic)) };
    },
  };
}

// The promises P1, P3, P4, P5 and P12 asked once more when an update is done: the same predicates as in tests and simulator.
import type { Version } from "../../base/ids.ts";
import { isVerified } from "../../domain/boot-graph.ts";
import type { Plan } from "../../domain/plan.ts";
import {
  doneMeansBootableAndNext,
  firmwareWillTakeIt,
  hasWayBack,
  noEntryWithoutImage,
  type Verdict,
  wayBackIsProven,
} from "../../domain/promises.ts";
import { hasEntries, instancesOf, type Situation } from "../../domain/situation.ts";

/** Versions of which every part was compared with its digest and has not changed since. */
function provenVersions(situation: Situation): ReadonlySet<Version> {
  const versions = [...new Set(situation.inventory.instances.map(({ version }) => version))];
  const whole = versions.filter((version) =>
    instancesOf(situation, version).every((instance) => situation.soundness.get(instance) === "verified"),
  );
  const broken = new Set(situation.graph.nodes.filter((node) => !isVerified(node)).map(({ version }) => version));
  return new Set(whole.filter((version) => !broken.has(version)));
}

/** What does not hold after an update, in sentences; empty when all is as promised. */
export function brokenPromises(situation: Situation, plan: Plan): readonly string[] {
  const { graph, loader } = situation;
  const proven = provenVersions(situation);
  const hasEntry = hasEntries(situation);
  const verdicts: readonly Verdict[] = [
    noEntryWithoutImage({ graph }),
    ...(hasEntry && plan.wayBack.kind === "version" ? [hasWayBack({ graph, loader })] : []),
    wayBackIsProven({ graph, wayBack: plan.wayBack, proven }),
    doneMeansBootableAndNext({ graph, loader, target: plan.target, hasEntry, proven }),
    firmwareWillTakeIt({
      graph,
      versions: [plan.target, ...(plan.wayBack.kind === "version" ? [plan.wayBack.version] : [])],
    }),
  ];
  return verdicts
    .filter(({ holds }) => !holds)
    .map(({ promise, sentence }) => `${promise} does not hold: ${sentence}.`);
}

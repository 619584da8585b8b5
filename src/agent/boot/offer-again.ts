// A version whose boots used up its tries, with nothing that tells against it, gets them once more (P8).
import type { Version } from "../../base/ids.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import { switchTo } from "../install/switch.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";

/** Whether it is installed whole, was tried, has no try left, and is not in quarantine. */
export function isUnproven({ situation }: Observation, version: Version): boolean {
  if (situation.quarantine.has(version) || version === situation.running.version) return false;
  const node = situation.graph.nodes.find((item) => item.version === version);
  const tries = node?.entry.tries;
  return node !== undefined && isComplete(node) && tries?.left === 0 && tries.done > 0;
}

/** That it was given up is noted by then. */
export async function offerAgain(session: Session, before: Observation, version: Version): Promise<Observation> {
  const why = `passed over for ${version}, which is tried once more`;
  return (await switchTo(session, before, version, why)).observation;
}

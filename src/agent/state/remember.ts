// What an answer of the sources teaches: the floor below which no manifest is accepted any more (P9), and when we asked.
import type { FloorRecord } from "../../domain/records.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { saveFloor, saveLastCheck } from "./state.ts";

/** A check by someone who may not write here is still a check: failing to remember is no failure. */
export async function rememberCatalog(session: Session, observation: Observation): Promise<void> {
  const { catalog } = observation.situation;
  if (catalog === undefined || session.settings.offline === true) return;
  const sources = { ...observation.facts.floor.sources };
  let raised = false;
  for (const { origin, signedAtMs } of catalog.manifests) {
    if (signedAtMs === undefined || signedAtMs <= (sources[origin]?.signedAtMs ?? 0)) continue;
    sources[origin] = { signedAtMs };
    raised = true;
  }
  const floor: FloorRecord = { ...observation.facts.floor, sources };
  const signed = catalog.manifests.flatMap(({ signedAtMs }) => signedAtMs ?? []);
  const newest = catalog.releases.find(({ missing }) => missing.length === 0)?.version;
  try {
    if (raised) await saveFloor(session, floor);
    await saveLastCheck(session, {
      format: 1,
      atMs: catalog.checkedAtMs,
      ...(signed.length === 0 ? {} : { signedAtMs: Math.max(...signed) }),
      ...(newest === undefined ? {} : { newest }),
    });
  } catch (error) {
    session.machine.progress.report({
      kind: "warning",
      text: `What the repository answered is not remembered: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

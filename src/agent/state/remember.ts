// What an answer of the sources teaches: the floor below which no manifest is accepted any more (P9), and when we asked.
import type { FloorRecord, SourceFloor } from "../../domain/records.ts";
import type { ManifestFacts } from "../../domain/resource.ts";
import { withdrawnHere } from "../../domain/withdrawn.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { saveFloor, saveLastCheck } from "./state.ts";

/** The floor that a list sets; `undefined` when it raises none. */
function raise(known: SourceFloor | undefined, { signedAtMs, serial }: ManifestFacts): SourceFloor | undefined {
  if (signedAtMs === undefined) return undefined;
  const index = serial === undefined ? known?.index : { serial, signedAtMs };
  const sinks = signedAtMs <= (known?.signedAtMs ?? 0);
  const sameIndex = index?.serial === known?.index?.serial && index?.signedAtMs === known?.index?.signedAtMs;
  if (sinks && sameIndex) return undefined;
  return {
    ...known,
    signedAtMs: Math.max(signedAtMs, known?.signedAtMs ?? 0),
    ...(index === undefined ? {} : { index }),
  };
}

/** A check by someone who may not write here is still a check: failing to remember is no failure. */
export async function rememberCatalog(session: Session, observation: Observation): Promise<void> {
  const { catalog } = observation.situation;
  if (catalog === undefined || session.settings.offline === true) return;
  const sources = { ...observation.facts.floor.sources };
  let raised = false;
  for (const facts of catalog.manifests) {
    const floor = raise(sources[facts.origin], facts);
    if (floor === undefined) continue;
    sources[facts.origin] = floor;
    raised = true;
  }
  const floor: FloorRecord = { ...observation.facts.floor, sources };
  const signed = catalog.manifests.flatMap(({ signedAtMs }) => signedAtMs ?? []);
  const newest = catalog.releases.find(({ missing }) => missing.length === 0)?.version;
  const withdrawn = withdrawnHere(observation.situation);
  try {
    if (raised) await saveFloor(session, floor);
    await saveLastCheck(session, {
      format: 1,
      atMs: catalog.checkedAtMs,
      ...(signed.length === 0 ? {} : { signedAtMs: Math.max(...signed) }),
      ...(newest === undefined ? {} : { newest }),
      ...(withdrawn.length === 0 ? {} : { withdrawn }),
    });
  } catch (error) {
    session.machine.progress.report({
      kind: "warning",
      text: `What the repository answered is not remembered: ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

// Falling back: what was given up since the last look, why, and what follows from it (P8). Runs in the version that
// came up instead; under the lock.
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import type { FellBackRecord } from "../../domain/boot/boot-record.ts";
import { type FallBackFacts, type GivenUp, givenUp, trialsAfter } from "../../domain/boot/fall-back.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { record, recordDetail } from "../state/journal.ts";
import { saveQuarantine } from "../state/state.ts";
import { readBoots, readFellBack, readTrials, saveBoots, saveFellBack, saveTrials } from "./boot-state.ts";
import { readFailures } from "./esp-notes.ts";
import { lastLines, loggedBoots, readPanics } from "./evidence.ts";

const detailsMax = 40;

function ownEntries({ situation }: Observation): FallBackFacts["entries"] {
  return situation.graph.nodes.flatMap(({ version, entry }) => (version === undefined ? [] : [{ version, entry }]));
}

/** The boots of `version` that the log may know: those it is remembered by, else the one before this. */
async function logOf(session: Session, version: Version, boots: FallBackFacts["boots"]): Promise<readonly string[]> {
  const own = boots.filter((boot) => boot.version === version && boot.verdict !== "good").map(({ bootId }) => bootId);
  const others = new Set(
    boots.filter((boot) => boot.version !== version).map(({ bootId }) => bootId.replaceAll("-", "")),
  );
  const ids = own.length > 0 ? own : (await loggedBoots(session)).filter((id) => !others.has(id)).slice(0, 1);
  return lastLines(session, ids);
}

async function noteOne(
  session: Session,
  item: GivenUp,
  log: readonly string[],
  to: Version | undefined,
): Promise<void> {
  const atMs = session.machine.clock.nowMs();
  const { version, verdict, evidence, text } = item;
  const details = [...item.details, ...log].slice(0, detailsMax);
  if (verdict === "quarantined") await saveQuarantine(session, { format: 1, version, atMs, evidence, text });
  const fellBack: FellBackRecord = {
    format: 1,
    version,
    ...(to === undefined ? {} : { to }),
    atMs,
    evidence,
    text,
    details,
  };
  await saveFellBack(session, fellBack);
  await record(
    session,
    verdict === "quarantined" ? "quarantined" : "unproven",
    version,
    `Version ${version} was given up: ${text}`,
    { evidence, details, ...(to === undefined ? {} : { runs: to }) },
  );
  for (const detail of details) await recordDetail(session, "evidence", version, detail);
}

/** What was said to people of a version that has been lifted, tried again, found good or removed since is over. */
export async function fellBackStill(session: Session, { situation }: Observation): Promise<FellBackRecord | undefined> {
  const known = await readFellBack(session);
  if (known === undefined) return undefined;
  const node = situation.graph.nodes.find(({ version }) => version === known.version);
  const isSo =
    known.version !== situation.running.version &&
    (known.evidence === "none" ? node?.entry.tries?.left === 0 : situation.quarantine.has(known.version));
  return isSo ? known : undefined;
}

async function forgetIfOver(session: Session, observation: Observation): Promise<void> {
  if ((await fellBackStill(session, observation)) === undefined) await saveFellBack(session, undefined);
}

/**
 * Records what was given up. Evidence is used once: what is remembered of the boots of these versions goes.
 * The order makes a power cut harmless: a version in quarantine is not looked at again.
 */
export async function noteFallBack(
  session: Session,
  before: Observation,
): Promise<{ readonly observation: Observation; readonly found: readonly GivenUp[] }> {
  const { situation } = before;
  const isHost = session.settings.live && session.settings.component === undefined;
  if (!isHost || situation.running.version === undefined) return { observation: before, found: [] };
  const known = await readBoots(session);
  const trials = await readTrials(session);
  const { panics, names } = await readPanics(session, new Set(known.panicsSeen));
  const facts: FallBackFacts = {
    entries: ownEntries(before),
    running: situation.running.version,
    quarantined: new Set(situation.quarantine.keys()),
    trials,
    boots: known.boots,
    failures: await readFailures(session, before),
    // Before the first look nobody knows of which version they are.
    panics: known.panicsSeen === undefined ? [] : panics,
  };
  const found = givenUp(facts);
  for (const item of found.toReversed())
    await noteOne(session, item, await logOf(session, item.version, known.boots), situation.running.version);
  const after = trialsAfter(facts, found, session.machine.clock.nowMs());
  if (JSON.stringify(after) !== JSON.stringify(trials)) await saveTrials(session, after);
  const given = new Set(found.map(({ version }) => version));
  const boots = known.boots.filter(({ version }) => version === undefined || !given.has(version));
  // Where no boot was ever judged and there is nothing to see, nothing is written.
  const begun = known.boots.length > 0 || known.panicsSeen !== undefined || names.length > 0;
  if (given.size > 0 || (begun && JSON.stringify(known.panicsSeen ?? null) !== JSON.stringify(names)))
    await saveBoots(session, { ...known, boots, panicsSeen: names });
  const observation = found.length === 0 ? before : await observeAgain(session, before);
  await forgetIfOver(session, observation);
  return { observation, found };
}

/** What cannot be found out about earlier boots now is found out later; it must not keep an update away. */
export async function noteFallBackIfKnown(session: Session, before: Observation): Promise<Observation> {
  try {
    return (await noteFallBack(session, before)).observation;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    session.machine.progress.report({ kind: "warning", text: error.message });
    return before;
  }
}

/**
 * After something was changed: what was noted of versions that have their tries again, were found good or are gone is
 * over.
 */
export async function closeNotes(session: Session, before: Observation): Promise<void> {
  const trials = await readTrials(session);
  if (!session.settings.live || (trials.length === 0 && (await readFellBack(session)) === undefined)) return;
  const observation = await observeAgain(session, before);
  const after = trialsAfter({ entries: ownEntries(observation), trials }, [], session.machine.clock.nowMs());
  if (JSON.stringify(after) !== JSON.stringify(trials)) await saveTrials(session, after);
  await forgetIfOver(session, observation);
}

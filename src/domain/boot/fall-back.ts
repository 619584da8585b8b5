// What to make of entries that are out of tries: quarantine with evidence, or one more chance without (P8). Pure.
import type { Version } from "../../base/ids.ts";
import type { FailureLine } from "../../format/failures-file.ts";
import type { BootEntry } from "../boot-graph.ts";
import { newestFirst } from "../version-order.ts";
import type { BootSeen, TrialSeen } from "./boot-record.ts";
import { type Panic, panicLine, startedEntry } from "./panic-report.ts";

export interface FallBackFacts {
  /** Entries of versions of ours. */
  readonly entries: readonly { readonly version: Version; readonly entry: BootEntry }[];
  readonly running: Version | undefined;
  readonly quarantined: ReadonlySet<Version>;
  readonly trials: readonly TrialSeen[];
  readonly boots: readonly BootSeen[];
  readonly failures: readonly FailureLine[];
  readonly panics: readonly Panic[];
}

export type EvidenceCode = "check" | "panic" | "unproven-twice" | FailureLine["code"];

export interface GivenUp {
  readonly version: Version;
  /** `unproven`: nothing tells against it, and it gets its tries once more. */
  readonly verdict: "quarantined" | "unproven";
  readonly evidence: EvidenceCode | "none";
  /** A clause for people. */
  readonly text: string;
  readonly details: readonly string[];
}

/** Without evidence a version is given its tries so often. */
const unprovenMax = 1;
const detailsMax = 20;

const initrdSays: Readonly<Record<FailureLine["code"], string>> = {
  "image-missing": "its image was not there",
  "image-damaged": "its image was damaged",
  "disk-missing": "it did not find the disk",
  "mount-failed": "it could not mount its image",
  panic: "its kernel panicked whenever it was started",
  other: "it stopped before the system was up",
};

interface Evidence {
  readonly code: EvidenceCode;
  readonly text: string;
  readonly details: readonly string[];
}

function ofChecks(facts: FallBackFacts, version: Version): Evidence | undefined {
  const bad = facts.boots.filter((boot) => boot.version === version && boot.verdict === "bad");
  const [last] = bad;
  if (last === undefined) return undefined;
  const names = [...new Set((last.failed ?? []).map(({ name }) => name))];
  const what = names.length === 0 ? "its boot was found bad" : `it failed the check ${names.join(", ")}`;
  const details = bad.flatMap(({ failed = [] }) => failed.map(({ name, text }) => `${name}: ${text}`));
  return { code: "check", text: what, details };
}

function ofInitrd(facts: FallBackFacts, entryId: string): Evidence | undefined {
  const own = facts.failures.filter(
    (line) => line.kind === "failed" && line.entryId.toLowerCase() === entryId.toLowerCase(),
  );
  // A disk that comes late, or not at all, is no version's fault. One that lacks its driver gets no further at its second
  // chance either, and that is evidence.
  const last = own.findLast(({ code }) => code !== "disk-missing");
  if (last === undefined) return undefined;
  const details = own.map(({ code, text }) => `initrd: ${code}: ${text}`);
  return { code: last.code, text: initrdSays[last.code], details };
}

/** Of reports that do not say of which entry they are, the newest version is taken: it was tried first. */
function ofPanics(facts: FallBackFacts, entryId: string, isNewest: boolean): Evidence | undefined {
  const found = facts.panics.flatMap(({ name, text }) => {
    const line = panicLine(text);
    const entry = startedEntry(text);
    const isOwn = entry === undefined ? isNewest : entry.toLowerCase() === entryId.toLowerCase();
    return line === undefined || !isOwn ? [] : [{ name, line }];
  });
  const [first] = found;
  if (first === undefined) return undefined;
  return {
    code: "panic",
    text: `its kernel stopped (${first.line})`,
    details: found.map(({ name, line }) => `${name}: ${line}`),
  };
}

function judge(facts: FallBackFacts, version: Version, entry: BootEntry, isNewest: boolean): GivenUp {
  const all = [ofChecks(facts, version), ofInitrd(facts, entry.id), ofPanics(facts, entry.id, isNewest)].filter(
    (each) => each !== undefined,
  );
  const details = all.flatMap((each) => each.details).slice(0, detailsMax);
  const [first] = all;
  if (first !== undefined) return { version, verdict: "quarantined", evidence: first.code, text: first.text, details };
  const before = facts.trials.find((trial) => trial.version === version)?.exhausted ?? 0;
  if (before >= unprovenMax) {
    const text = "its boots ended without a verdict, as they did when it had its tries before";
    return { version, verdict: "quarantined", evidence: "unproven-twice", text, details };
  }
  return {
    version,
    verdict: "unproven",
    evidence: "none",
    text: "its boots ended without a verdict, and nothing tells why (power cuts, or a hang that left no trace)",
    details,
  };
}

/**
 * Versions that were given up since the last look, newest first. An entry that a person or an update marked as passed
 * over was never tried: it has no boot done. The version that runs is not given up, whatever its name says.
 */
export function givenUp(facts: FallBackFacts): readonly GivenUp[] {
  const known = new Set(facts.trials.filter(({ open }) => !open).map(({ version }) => version));
  const news = facts.entries
    .filter(({ version, entry }) => version !== facts.running && entry.tries?.left === 0 && entry.tries.done > 0)
    // Of two names that a power cut left, the other may have tries.
    .filter(({ version }) => facts.entries.every((own) => own.version !== version || own.entry.tries?.left === 0))
    .filter(({ version }) => !facts.quarantined.has(version) && !known.has(version))
    .sort((a, b) => newestFirst(a.version, b.version));
  const each = new Map(news.map((item) => [item.version, item.entry]));
  return [...each].map(([version, entry], at) => judge(facts, version, entry, at === 0));
}

/** What is known of trials after `found`; versions that have tries again are open for the next time. */
export function trialsAfter(
  facts: Pick<FallBackFacts, "entries" | "trials">,
  found: readonly GivenUp[],
  nowMs: number,
): readonly TrialSeen[] {
  const installed = new Set(facts.entries.map(({ version }) => version));
  const exhaustedNow = new Set(
    facts.entries.filter(({ entry }) => entry.tries?.left === 0).map(({ version }) => version),
  );
  const plain = new Set(facts.entries.filter(({ entry }) => entry.tries === undefined).map(({ version }) => version));
  const news = new Map(found.map((item) => [item.version, item]));
  const kept = facts.trials
    // Found good since, or no longer here: what was is forgotten.
    .filter(({ version }) => installed.has(version) && !plain.has(version) && !news.has(version))
    .map((trial) => (exhaustedNow.has(trial.version) || trial.open ? trial : { ...trial, open: true }));
  const added = found.map(({ version, verdict }): TrialSeen => {
    const before = facts.trials.find((trial) => trial.version === version)?.exhausted ?? 0;
    return { version, exhausted: before + (verdict === "unproven" ? 1 : 0), open: false, atMs: nowMs };
  });
  return [...added, ...kept];
}

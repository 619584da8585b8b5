// `history`: what happened and when, from the journal.
import type { HistoryLine } from "../../wire/reports.ts";
import { readJournal } from "../state/journal.ts";
import type { Session } from "../session.ts";

/** Oldest first. */
export async function historyReport(session: Session): Promise<readonly HistoryLine[]> {
  return (await readJournal(session)).map(({ atMs, event, version, text }) => ({ atMs, event, version, text }));
}

// The journal: what happened, for people. Correctness never depends on it (P7), so a damaged line is skipped
// and a journal that cannot be written stops nothing.
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import { toBytes } from "../../base/text.ts";
import type { JournalEvent } from "../../domain/journal-events.ts";
import type { NewsFacts } from "../../domain/news.ts";
import type { JournalLine } from "../../domain/records.ts";
import { decodeRecord, journalSchema } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { makeFolders, readSmall } from "./small-file.ts";
import { stateFolder } from "./state.ts";

/** Beyond this the older half is dropped: years of updates, and still read in a moment. */
const maxBytes = 1024 * 1024;

function journalPath(session: Session): string {
  return `${stateFolder(session)}/journal.jsonl`;
}

async function readBytes(session: Session): Promise<Uint8Array> {
  try {
    return (await readSmall(session.machine.disk, journalPath(session), 4 * maxBytes)) ?? new Uint8Array();
  } catch (error) {
    // Something else made it so large; the next line that is recorded brings it back to size.
    if (error instanceof Fault && error.code === "too-large") return new Uint8Array();
    throw error;
  }
}

/** Lines oldest first. Lines that are no journal lines (a torn write, an editor) are left out. */
export async function readJournal(session: Session): Promise<readonly JournalLine[]> {
  const text = new TextDecoder().decode(await readBytes(session));
  return text.split("\n").flatMap((line) => decodeRecord(journalSchema, line) ?? []);
}

/** Appends one line, flushes it, and has it told. Throws nothing: a full or read-only disk must not stop a repair. */
export async function record(
  session: Session,
  event: JournalEvent,
  version: Version | undefined,
  text: string,
  facts: NewsFacts = {},
): Promise<void> {
  await recordDetail(session, event, version, text);
  const { component } = session.settings;
  await session.machine.herald.tell({
    event,
    ...(version === undefined ? {} : { version }),
    ...(component === undefined ? {} : { component }),
    text,
    ...facts,
  });
}

/** Appends a line that others are told with another one. */
export async function recordDetail(
  session: Session,
  event: JournalEvent,
  version: Version | undefined,
  text: string,
): Promise<void> {
  const { disk, clock } = session.machine;
  const line: JournalLine = { atMs: clock.nowMs(), event, ...(version === undefined ? {} : { version }), text };
  try {
    await makeFolders(disk, stateFolder(session));
    const path = journalPath(session);
    const there = (await disk.stat(path)) !== undefined;
    await using file = await disk.open(path, there ? "modify" : "create");
    let end = await file.size();
    if (end > maxBytes) end = await dropOlderHalf(file, end);
    // A torn last line must not swallow this one: every line starts on a fresh one.
    await file.write(end, toBytes(`${end === 0 ? "" : "\n"}${JSON.stringify(line)}\n`));
    await file.sync();
    if (!there) await disk.syncFolder(stateFolder(session));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    session.machine.progress.report({ kind: "warning", text: `The journal was not written: ${why}` });
  }
}

async function dropOlderHalf(
  file: Awaited<ReturnType<Session["machine"]["disk"]["open"]>>,
  size: number,
): Promise<number> {
  const half = new Uint8Array(Math.floor(maxBytes / 2));
  const length = await file.read(size - half.length, half);
  await file.truncate(0);
  await file.write(0, half.subarray(0, length));
  return length;
}

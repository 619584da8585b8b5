// `notify`: tells the person at the screen what the machine left in /run/holdfast/notice.json, each thing once. Runs as
// that person, who may do nothing else.
import type { Desktop } from "../../port/desktop.ts";
import type { NotifyReport } from "../../wire/reports.ts";
import { noticeFileSchema, type ToldFile, toldFileSchema } from "../../wire/notices.ts";
import { decodeRecord, type Schema } from "../../wire/state.ts";
import type { Session } from "../session.ts";
import { readText, writeDurably } from "../state/small-file.ts";
import { noticePath } from "./show.ts";

const bytesMax = 64 * 1024;

async function read<T>({ machine }: Session, path: string, schema: Schema<T>): Promise<T | undefined> {
  const text = await readText(machine.disk, path, bytesMax).catch(() => undefined);
  return text === undefined ? undefined : decodeRecord(schema, text);
}

/** `toldPath`: where it is remembered what was told, below the person's own folders. */
export async function notifyPerson(session: Session, desktop: Desktop, toldPath: string): Promise<NotifyReport> {
  const notices = (await read(session, noticePath, noticeFileSchema))?.notices ?? [];
  const before = new Set((await read(session, toldPath, toldFileSchema))?.told);
  const fresh = notices.filter(({ id }) => !before.has(id));
  const { disk, entropy } = session.machine;
  // What is over by now can come again.
  const told = notices.filter(({ id }) => before.has(id)).map(({ id }) => id);
  for (const { id, kind, summary, body } of fresh) {
    await desktop.announce({ summary, body, urgent: kind === "fell-back" });
    told.push(id);
    const file: ToldFile = { format: 1, told };
    await writeDurably(disk, entropy, toldPath, `${JSON.stringify(file)}\n`);
  }
  return {
    told: fresh.map(({ kind, version, summary, body }) => ({ kind, version, summary, body })),
    toldBefore: notices.length - fresh.length,
  };
}

// How the machine stands, for whoever looks without asking Holdfast: login lines, the desktop's notices, metrics (P8).
// After a command, from its outcome; nothing here can make it fail.
import { holdfastVersion } from "../../base/build-info.ts";
import { folderOf } from "../../base/machine-path.ts";
import type { News } from "../../domain/news.ts";
import { expositionText } from "../../format/exposition.ts";
import { countersAfter } from "../../wire/counters.ts";
import { familiesOf } from "../../wire/metrics.ts";
import { loginLines, type NoticeFile, noticesOf } from "../../wire/notices.ts";
import type { StatusReport } from "../../wire/reports.ts";
import type { Session } from "../session.ts";
import { readText, removeIfThere, writeDurably } from "../state/small-file.ts";
import { readCounters, saveCounters } from "./counters-file.ts";

/** pam_motd(8) and agetty(8) show what lies there. */
const loginNotes = ["/run/motd.d/50-holdfast", "/run/issue.d/50-holdfast.issue"];

/** For programs of users, who may read it. */
export const noticePath = "/run/holdfast/notice.json";

/** Where Debian has node_exporter look; nothing is written where it is not there. */
const metricsFolderDefault = "/var/lib/prometheus/node-exporter";

/** `undefined` takes the file away. What it says already is not written again. */
async function put({ machine }: Session, path: string, text: string | undefined): Promise<void> {
  const { disk, entropy } = machine;
  if (text === undefined) return removeIfThere(disk, path);
  if ((await readText(disk, path).catch(() => undefined)) !== text)
    await writeDurably(disk, entropy, path, text, 0o644);
}

async function showLogin(session: Session, status: StatusReport): Promise<void> {
  const lines = loginLines(noticesOf(status));
  const text = lines.length === 0 ? undefined : `${lines.join("\n")}\n`;
  for (const path of loginNotes) await put(session, path, text);
}

async function showNotices(session: Session, status: StatusReport): Promise<void> {
  const file: NoticeFile = { format: 1, atMs: status.nowMs, notices: noticesOf(status) };
  const known = await readText(session.machine.disk, noticePath).catch(() => undefined);
  // Programs wait for it to change: the time alone is no news.
  if (known !== undefined && known.includes(`"notices":${JSON.stringify(file.notices)}}`)) return;
  await put(session, noticePath, `${JSON.stringify(file)}\n`);
  const { disk } = session.machine;
  const folder = folderOf(noticePath);
  if ((((await disk.stat(folder))?.mode ?? 0) & 0o777) !== 0o755) await disk.setFolderMode(folder, 0o755, 0, 0);
}

/** What `holdfast metrics` prints. */
export async function metricsText(session: Session, status: StatusReport): Promise<string> {
  return expositionText(familiesOf({ status, counters: await readCounters(session), holdfastVersion }));
}

async function showMetrics(session: Session, status: StatusReport, news: readonly News[]): Promise<void> {
  if (news.length > 0) await saveCounters(session, countersAfter(await readCounters(session), news));
  const folder = session.machine.process.environment("HOLDFAST_METRICS_FOLDER") ?? metricsFolderDefault;
  if (folder === "" || (await session.machine.disk.stat(folder)) === undefined) return;
  await put(session, `${folder}/holdfast.prom`, await metricsText(session, status));
}

/** `news`: what was recorded since the last time. */
export async function showStanding(
  session: Session,
  status: () => Promise<StatusReport>,
  news: readonly News[],
): Promise<void> {
  const seen = await status().catch(failure);
  // Why a machine cannot be looked at, the command has said already.
  if (seen instanceof Error) return;
  for (const show of [showLogin, showNotices, showMetrics]) {
    const failed = await show(session, seen, news).catch(failure);
    if (failed !== undefined) session.machine.progress.report({ kind: "warning", text: failed.message });
  }
}

/** A bug as well: what was done is done, and must not look as if it had failed. */
function failure(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

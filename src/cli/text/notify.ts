// What `notify` told, in words.
import type { NotifyReport } from "../../wire/reports.ts";
import { harmless } from "../look.ts";

export function renderNotify({ told, toldBefore }: NotifyReport): string {
  if (told.length > 0) return told.map(({ summary, body }) => `${harmless(`${summary}. ${body}`)}\n`).join("");
  return toldBefore === 0 ? "There is nothing to tell.\n" : "Everything was told already.\n";
}

// What a person should hear of the machine without asking: for the login line, and for the desktop (/run/holdfast/notice.json).
import * as v from "valibot";
import { compareVersions } from "../domain/version-order.ts";
import type { StatusReport } from "./reports.ts";
import type { Schema } from "./state.ts";

export type NoticeKind = "fell-back" | "reboot-due" | "available";

export interface Notice {
  /** The same as long as it is about the same thing, so that it is told once. */
  readonly id: string;
  readonly kind: NoticeKind;
  readonly version: string;
  readonly summary: string;
  readonly body: string;
}

export interface NoticeFile {
  readonly format: 1;
  readonly atMs: number;
  readonly notices: readonly Notice[];
}

const text = v.pipe(v.string(), v.maxLength(4000));

export const noticeFileSchema: Schema<NoticeFile> = v.looseObject({
  format: v.literal(1),
  atMs: v.number(),
  notices: v.pipe(
    v.array(
      v.looseObject({
        id: text,
        kind: v.picklist(["fell-back", "reboot-due", "available"]),
        version: text,
        summary: text,
        body: text,
      }),
    ),
    v.maxLength(100),
  ),
});

/** What a person was told already, by id. */
export interface ToldFile {
  readonly format: 1;
  readonly told: readonly string[];
}

export const toldFileSchema: Schema<ToldFile> = v.looseObject({
  format: v.literal(1),
  told: v.pipe(v.array(text), v.maxLength(100)),
});

function fellBack({ fellBack: given, running }: StatusReport): readonly Notice[] {
  if (given === undefined) return [];
  const { version, atMs, text: why, evidence } = given;
  const back = given.to ?? running;
  const then =
    evidence === "none"
      ? "The next update tries it once more."
      : "It is not tried again until a newer one comes, or somebody lifts its quarantine.";
  return [
    {
      id: `fell-back ${version} ${atMs}`,
      kind: "fell-back",
      version,
      summary: back === undefined ? `Version ${version} was given up` : `You are back on version ${back}`,
      body: `Version ${version} was given up: ${why}. ${then}`,
    },
  ];
}

function rebootDue({ versions, trying }: StatusReport): readonly Notice[] {
  const next = versions.find(({ bootsNext, installed }) => bootsNext && installed);
  if (next === undefined || next.running || !versions.some(({ running }) => running)) return [];
  const { version, installedAtMs } = next;
  const once = trying?.version === version ? ", this once" : "";
  return [
    {
      id: `reboot-due ${version} ${installedAtMs ?? 0}`,
      kind: "reboot-due",
      version,
      summary: `Version ${version} is ready`,
      body: `It starts with the next boot${once}. Reboot when it suits you.`,
    },
  ];
}

function available({ versions, lastCheck, held, quarantined = [] }: StatusReport): readonly Notice[] {
  const version = lastCheck?.newest;
  if (version === undefined || held !== undefined) return [];
  const isNewer = versions.every((line) => !line.installed || compareVersions(version, line.version) > 0);
  if (!isNewer || quarantined.some((given) => given.version === version)) return [];
  return [
    {
      id: `available ${version}`,
      kind: "available",
      version,
      summary: `Version ${version} is available`,
      body: "It has not been downloaded yet.",
    },
  ];
}

/** What is most urgent comes first. */
export function noticesOf(status: StatusReport): readonly Notice[] {
  return [...fellBack(status), ...rebootDue(status), ...available(status)];
}

/** Control characters could draw over what stands before; `\` is an escape of agetty's. */
function harmless(line: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return line.replaceAll(/[\u0000-\u001f\u007f-\u009f\\]/g, "?");
}

/** For whoever logs in: a line each, none where there is nothing to say. */
export function loginLines(notices: readonly Notice[]): readonly string[] {
  return notices.flatMap(({ kind, summary, body }) => (kind === "available" ? [] : [harmless(`${summary}. ${body}`)]));
}

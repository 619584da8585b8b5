// News as fields of systemd's journal: what `journalctl -o verbose` shows and programs match by (docs/signals.md).
import { journalEvents } from "../domain/journal-events.ts";
import type { News } from "../domain/news.ts";
import { refusedFor } from "../domain/refused-promise.ts";

export interface JournalField {
  readonly name: string;
  readonly meaning: string;
  readonly of: (news: News) => string | number | readonly string[] | undefined;
}

/** The closed list; a name never changes its meaning. */
export const journalFields: readonly JournalField[] = [
  { name: "MESSAGE", meaning: "The sentence that `holdfast history` shows", of: ({ text }) => text },
  { name: "MESSAGE_ID", meaning: "Of the event, see below", of: ({ event }) => journalEvents[event].messageId },
  {
    name: "PRIORITY",
    meaning: "Of syslog: 3 error, 4 warning, 5 notice, 6 information",
    of: ({ event }) => journalEvents[event].priority,
  },
  { name: "SYSLOG_IDENTIFIER", meaning: "`holdfast`", of: () => "holdfast" },
  { name: "HOLDFAST_EVENT", meaning: "Name of the event, see below", of: ({ event }) => event },
  { name: "HOLDFAST_VERSION", meaning: "The version that the event is about", of: ({ version }) => version },
  { name: "HOLDFAST_FROM", meaning: "The version that an update, or a switch, leaves", of: ({ from }) => from },
  { name: "HOLDFAST_WAY_BACK", meaning: "The version that the machine falls back to", of: ({ wayBack }) => wayBack },
  { name: "HOLDFAST_RUNS", meaning: "What runs instead of a version that was given up", of: ({ runs }) => runs },
  { name: "HOLDFAST_BYTES", meaning: "Bytes that crossed the line", of: ({ bytes }) => bytes },
  {
    name: "HOLDFAST_WAY",
    meaning: "How the bytes were to come: `whole`, `delta` or `chunks`; several times where resources differ",
    of: ({ ways }) => ways,
  },
  { name: "HOLDFAST_COMPONENT", meaning: "As in `--component=`", of: ({ component }) => component },
  { name: "HOLDFAST_COMMAND", meaning: "The command that failed or was refused", of: ({ command }) => command },
  {
    name: "HOLDFAST_EXIT_CODE",
    meaning: "What the command ends with ([exit codes](exit-codes.md))",
    of: ({ exitCode }) => exitCode,
  },
  { name: "HOLDFAST_CODE", meaning: "Name of the failure or refusal, as `--json` prints it", of: ({ code }) => code },
  {
    name: "HOLDFAST_PROMISE",
    meaning: "The [promise](promises.md) that would not have held, as in `P4`",
    of: ({ code }) => (code === undefined ? undefined : refusedFor(code)),
  },
  { name: "HOLDFAST_HINT", meaning: "What a person can do about it", of: ({ hint }) => hint },
  {
    name: "HOLDFAST_EVIDENCE",
    meaning: "Kind of evidence against a version; `none` where there is none",
    of: ({ evidence }) => evidence,
  },
  {
    name: "HOLDFAST_DETAIL",
    meaning: "A line of what was found; several times where there are several",
    of: ({ details }) => details,
  },
];

const charactersMax = 4000;

/** A value is one line; what could start another field, or draw on a terminal, becomes a space. */
function oneLine(value: string | number): string {
  // eslint-disable-next-line no-control-regex -- control characters are what this is about
  return `${value}`.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, charactersMax);
}

/** `NAME=VALUE`, in the order of the table. */
export function fieldsOf(news: News): readonly string[] {
  return journalFields.flatMap(({ name, of }) => {
    const found = of(news);
    const values = found === undefined ? [] : typeof found === "object" ? found : [found];
    return values.map((value) => `${name}=${oneLine(value)}`);
  });
}

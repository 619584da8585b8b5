// The machine as metrics: what `holdfast metrics` prints and node_exporter's textfile collector picks up (docs/signals.md).
import { journalEvents } from "../domain/journal-events.ts";
import type { MetricFamily, Sample } from "../format/exposition.ts";
import type { Counters } from "./counters.ts";
import { noticesOf } from "./notices.ts";
import type { StatusReport, VersionLine } from "./reports.ts";

export interface MetricFacts {
  readonly status: StatusReport;
  readonly counters: Counters;
  /** Of Holdfast itself. */
  readonly holdfastVersion: string;
}

export interface Metric extends Omit<MetricFamily, "samples"> {
  /** Names of labels, for the reference. */
  readonly labels: readonly string[];
  readonly of: (facts: MetricFacts) => readonly Sample[];
}

const one = (value: number | boolean | undefined): readonly Sample[] =>
  value === undefined ? [] : [{ value: Number(value) }];
const seconds = (ms: number): number => ms / 1000;

function perVersion(
  versions: readonly VersionLine[],
  of: (line: VersionLine) => number | undefined,
): readonly Sample[] {
  return versions.flatMap((line) => {
    const value = line.installed ? of(line) : undefined;
    return value === undefined ? [] : [{ labels: { version: line.version }, value }];
  });
}

const roles: readonly (readonly [role: string, is: (line: VersionLine, status: StatusReport) => boolean])[] = [
  ["running", ({ running }) => running],
  ["next", ({ bootsNext, installed }) => bootsNext && installed],
  ["way-back", ({ wayBack }) => wayBack],
  ["pinned", ({ pinned }) => pinned],
];

const gauge = (name: string, help: string, of: Metric["of"], labels: readonly string[] = []): Metric => ({
  name: `holdfast_${name}`,
  help,
  type: "gauge",
  labels,
  of,
});

/** The closed list; a name never changes its meaning. */
export const metrics: readonly Metric[] = [
  gauge(
    "build_info",
    "Version of Holdfast; always 1.",
    ({ holdfastVersion }) => [{ labels: { version: holdfastVersion }, value: 1 }],
    ["version"],
  ),
  gauge(
    "version_info",
    "Versions of the OS by role: running, next, way-back, pinned; newest is the newest on offer. Always 1.",
    ({ status }) => [
      ...roles.flatMap(([role, is]) =>
        status.versions
          .filter((line) => is(line, status))
          .map(({ version }) => ({ labels: { role, version }, value: 1 })),
      ),
      ...(status.lastCheck?.newest === undefined
        ? []
        : [{ labels: { role: "newest", version: status.lastCheck.newest }, value: 1 }]),
    ],
    ["role", "version"],
  ),
  gauge(
    "version_installed_timestamp_seconds",
    "When an installed version was installed.",
    ({ status }) =>
      perVersion(status.versions, ({ installedAtMs }) =>
        installedAtMs === undefined ? undefined : seconds(installedAtMs),
      ),
    ["version"],
  ),
  gauge(
    "version_verified_timestamp_seconds",
    "When the bytes of an installed version were last compared with their digests.",
    ({ status }) =>
      perVersion(status.versions, ({ verifiedAtMs }) =>
        verifiedAtMs === undefined ? undefined : seconds(verifiedAtMs),
      ),
    ["version"],
  ),
  gauge(
    "version_complete",
    "1: everything of an installed version is there.",
    ({ status }) => perVersion(status.versions, ({ complete }) => Number(complete)),
    ["version"],
  ),
  gauge(
    "version_quarantined",
    "Versions that are passed over, because of this evidence against them; always 1.",
    ({ status }) => (status.quarantined ?? []).map((labels) => ({ labels: { ...labels }, value: 1 })),
    ["version", "evidence"],
  ),
  gauge("last_check_timestamp_seconds", "When the sources last answered with proof.", ({ status }) =>
    one(status.lastCheck && seconds(status.lastCheck.atMs)),
  ),
  gauge("last_check_signed_timestamp_seconds", "When what they answered was signed.", ({ status }) =>
    one(status.lastCheck?.signedAtMs === undefined ? undefined : seconds(status.lastCheck.signedAtMs)),
  ),
  gauge("update_available", "1: a newer version is on offer and not installed.", ({ status }) =>
    one(noticesOf(status).some(({ kind }) => kind === "available")),
  ),
  gauge("reboot_pending", "1: another version than the running one boots next.", ({ status }) =>
    one(noticesOf(status).some(({ kind }) => kind === "reboot-due")),
  ),
  gauge("on_trial", "1: the boot of the running version has not been judged.", ({ status }) => one(status.onTrial)),
  gauge("held", "1: updates are held.", ({ status }) => one(status.held !== undefined)),
  gauge("fell_back", "1: the last version that was given up has not been replaced yet.", ({ status }) =>
    one(status.fellBack !== undefined),
  ),
  gauge("last_boot_good", "1: the last boot that was judged was found good.", ({ status }) =>
    one(status.boot?.verdict === undefined ? undefined : status.boot.verdict === "good"),
  ),
  gauge(
    "findings",
    "What `holdfast status` finds amiss, by severity.",
    ({ status }) =>
      ["error", "warning", "info"].map((severity) => ({
        labels: { severity },
        value: status.findings.filter((finding) => finding.severity === severity).length,
      })),
    ["severity"],
  ),
  gauge(
    "finding",
    "Findings by name, and how many of each.",
    ({ status }) =>
      [...Map.groupBy(status.findings, ({ code }) => code)].map(([code, of]) => ({
        labels: { code },
        value: of.length,
      })),
    ["code"],
  ),
  gauge(
    "file_system_available_bytes",
    "Free room where versions and boot entries are.",
    ({ status }) =>
      status.fileSystems.map(({ mountPoint, availableBytes }) => ({
        labels: { mountpoint: mountPoint },
        value: availableBytes,
      })),
    ["mountpoint"],
  ),
  {
    name: "holdfast_events_total",
    help: "Events of the journal, by name.",
    type: "counter",
    labels: ["event"],
    // All of them from the start: what appears with its first event has no rate.
    of: ({ counters }) =>
      Object.keys(journalEvents).map((event) => ({ labels: { event }, value: counters.events[event] ?? 0 })),
  },
  {
    name: "holdfast_downloaded_bytes_total",
    help: "Bytes that crossed the line in updates that came to their end.",
    type: "counter",
    labels: [],
    of: ({ counters }) => one(counters.downloadedBytes),
  },
  gauge("written_timestamp_seconds", "When this was written.", ({ status }) => one(seconds(status.nowMs))),
];

export function familiesOf(facts: MetricFacts): readonly MetricFamily[] {
  return metrics.map(({ name, help, type, of }) => ({ name, help, type, samples: of(facts) }));
}

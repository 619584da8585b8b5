// The reports of src/wire as types of our interface. Each has a field for every property: one that a report gains does not
// compile without its line here, so what is sent and what is described cannot part.
import type { QuarantineLine, QuarantineLiftReport } from "../wire/boot-reports.ts";
import type * as Reports from "../wire/reports.ts";
import {
  bool,
  type FieldsOf,
  field,
  int,
  list,
  maybe,
  type NamedType,
  type NamedTypes,
  named,
  string,
} from "./shape.ts";

function struct<T>(comment: string, fields: FieldsOf<T>): NamedType {
  return { kind: "struct", comment, fields };
}

const text = field(string);
const texts = field(list(string));
const yesOrNo = field(bool);
const number = field(int);
const maybeText = field(maybe(string));
const maybeNumber = field(maybe(int));

export const lineTypes: NamedTypes = {
  MenuEntry: struct<Reports.MenuLine>("An entry of the boot menu", {
    position: field(int, "From 1, in the order of the boot loader"),
    id: text,
    fileName: text,
    path: text,
    title: maybeText,
    version: maybeText,
    triesLeft: field(maybe(int), "Absent: it carries no counter, and was judged good"),
    triesDone: maybeNumber,
    ours: field(bool, "It belongs to a version that the definitions know"),
    bootsNext: yesOrNo,
    wayBack: yesOrNo,
    running: yesOrNo,
    verdict: field(string, "sound, unchecked, incomplete, damaged, refused-by-firmware, ignored-by-loader or foreign"),
    problems: texts,
  }),
  InstalledVersion: struct<Reports.VersionLine>("A version that is installed, staged or on offer", {
    version: text,
    installed: yesOrNo,
    staged: field(maybe(string), "partial, or pending: downloaded and not installed"),
    complete: field(bool, "All of it is here, under the definitions of today"),
    available: yesOrNo,
    newest: yesOrNo,
    running: yesOrNo,
    wayBack: yesOrNo,
    bootsNext: yesOrNo,
    pinned: yesOrNo,
    protected: yesOrNo,
    obsolete: yesOrNo,
    republished: field(bool, "Other bytes are on offer under its name than the installed ones"),
    quarantine: field(maybe(string), "Why it is passed over"),
    trust: field(maybe(string), "proven, adopted or unproven"),
    verifiedAtMs: maybeNumber,
    installedAtMs: maybeNumber,
    lacks: field(list(string), "What of it is absent or damaged here"),
    sourceLacks: field(list(string), "What of it is absent at the source"),
    sizeBytes: number,
  }),
  FileSystem: struct<Reports.FileSystemLine>("A file system that updates write to", {
    mountPoint: text,
    type: text,
    totalBytes: number,
    availableBytes: number,
    readOnly: yesOrNo,
  }),
  Finding: struct<Reports.FindingLine>("Something that is not as it should be, and what helps", {
    code: field(string, "Stays the same from release to release of Holdfast"),
    severity: field(string, "error, warning or info"),
    subject: text,
    sentence: text,
    remedy: text,
    repairable: field(bool, "Doctor can mend it"),
  }),
  FailedCheck: struct<Reports.BootLine["failed"][number]>("A health check that failed", { name: text, text }),
  Boot: struct<Reports.BootLine>("The last boot that was looked at", {
    version: maybeText,
    atMs: number,
    now: field(bool, "It is the boot that goes on"),
    counted: yesOrNo,
    verdict: field(maybe(string), "good, bad or given-back"),
    failed: field(list(named("FailedCheck"))),
  }),
  FellBack: struct<Reports.FellBackLine>("The last version that was given up", {
    version: text,
    to: maybeText,
    atMs: number,
    evidence: field(string, "What told against it; none: it is unproven, and is tried once more"),
    text,
    details: texts,
  }),
  Quarantined: struct<NonNullable<Reports.StatusReport["quarantined"]>[number]>("A version that is passed over", {
    version: text,
    evidence: field(string, "What told against it; rolled-back: a person went back from it"),
  }),
  LastCheck: struct<NonNullable<Reports.StatusReport["lastCheck"]>>("When a source was last believed", {
    atMs: number,
    signedAtMs: maybeNumber,
    newest: maybeText,
  }),
  Hold: struct<NonNullable<Reports.StatusReport["held"]>>("Updates are held", {
    untilMs: field(maybe(int), "Absent: until they are released"),
  }),
  LockOwner: struct<NonNullable<Reports.StatusReport["lock"]>>("Who is at work on this machine", {
    pid: number,
    command: text,
    sinceMs: number,
  }),
  Trial: struct<NonNullable<Reports.StatusReport["trying"]>>("A version that boots once", {
    version: text,
    back: text,
  }),
  PlannedStep: struct<Reports.PlanLine>("A step of an update", { kind: text, title: text, bytes: maybeNumber }),
  Installed: struct<Reports.InstalledLine>("A resource of the new version", {
    transfer: text,
    path: field(string, "Of the file or folder; of a partition its device node"),
  }),
  Space: struct<Reports.SpaceLine>("What an update takes of a file system", {
    mountPoint: text,
    availableBytes: number,
    peakBytes: field(int, "The most that is taken at any moment"),
    netBytes: field(int, "What is taken in the end; negative when room is gained"),
  }),
  Way: struct<Reports.WayLine>("A way in which the bytes of a resource could come", {
    way: field(string, "whole, chunks or delta"),
    from: field(maybe(string), "The version that a delta starts from"),
    downloadBytes: maybeNumber,
    requests: number,
    memoryBytes: number,
    chosen: yesOrNo,
    because: text,
  }),
  ResourceWays: struct<Reports.ResourceWays>("How a resource could come", {
    name: field(string, "At the source"),
    ways: field(list(named("Way"))),
  }),
  HistoryEntry: struct<Reports.HistoryLine>("Something that happened", {
    atMs: number,
    event: text,
    version: maybeText,
    text,
  }),
  QuarantinedVersion: struct<QuarantineLine>("A version that is passed over, because it failed here", {
    version: text,
    atMs: number,
    evidence: text,
    text,
    installed: yesOrNo,
  }),
};

const menu = field(list(named("MenuEntry")), "The boot menu, as it is now");
const findings = field(list(named("Finding")));
const bootsNext = field(maybe(string), "The version that boots next");

export const reportTypes: NamedTypes = {
  StatusReport: struct<Reports.StatusReport>("How this machine stands; times are milliseconds since 1970", {
    running: maybeText,
    runningBecause: field(string, "How the running version is known, or why it is not"),
    onTrial: field(bool, "The running version was not judged good yet"),
    versions: field(list(named("InstalledVersion"))),
    menu,
    bootsNext: field(maybe(string), "The entry that boots next"),
    bootsNextBecause: text,
    bootsThen: field(list(string), "What boots after that, if what comes before never comes up"),
    wayBack: maybeText,
    lastCheck: field(maybe(named("LastCheck"))),
    secureBoot: field(maybe(string), "on, off, setup-mode, shim-insecure or unreadable"),
    held: field(maybe(named("Hold"))),
    lock: field(maybe(named("LockOwner"))),
    boot: field(maybe(named("Boot"))),
    fellBack: field(maybe(named("FellBack"))),
    quarantined: field(maybe(list(named("Quarantined"))), "Versions that are passed over, installed or not"),
    trying: field(maybe(named("Trial"))),
    idleBecause: field(string, "Why nothing has happened, if nothing has"),
    espPath: maybeText,
    espIsFat: yesOrNo,
    fileSystems: field(list(named("FileSystem"))),
    findings,
    nowMs: number,
  }),
  CheckReport: struct<Reports.CheckReport>("Whether there is something newer", {
    available: field(maybe(string), "Absent: there is nothing"),
    installed: maybeText,
    because: text,
    downloadBytes: maybeNumber,
    downloadIsAtMost: field(maybe(bool), "It may be less: what is here already shows only when it is read"),
    wholeBytes: field(maybe(int), "What whole files would be, where less is to be downloaded"),
    diskBytes: maybeNumber,
    notes: field(list(string), "URLs of release notes"),
    signedAtMs: maybeNumber,
    signer: maybeText,
    notices: texts,
  }),
  UpdateReport: struct<Reports.UpdateReport>("What an update did, or would do", {
    outcome: field(string, "done, nothing-to-do, planned, acquired or done-with-finding"),
    from: maybeText,
    to: maybeText,
    because: text,
    wayBack: field(maybe(string), "The version that the machine falls back to"),
    steps: field(list(named("PlannedStep"))),
    space: field(list(named("Space"))),
    downloadBytes: maybeNumber,
    transferredBytes: field(int, "What crossed the line in this run"),
    installed: field(maybe(list(named("Installed"))), "What was put in place"),
    ways: field(maybe(list(named("ResourceWays")))),
    notices: texts,
    findings,
    menu,
    bootsNext,
  }),
  RollbackReport: struct<Reports.RollbackReport>("What a rollback did", {
    from: maybeText,
    to: text,
    bootsNext,
    menu,
    notices: texts,
  }),
  DoctorReport: struct<Reports.DoctorReport>("What was found and mended", {
    healthy: yesOrNo,
    deep: yesOrNo,
    findings,
    repaired: field(list(string), "What was mended, a sentence each"),
    checkedBytes: number,
    menu,
  }),
  LiftReport: struct<QuarantineLiftReport>("A version that may be tried again", { version: text, installed: yesOrNo }),
};

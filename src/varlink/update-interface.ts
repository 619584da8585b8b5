// org.holdfast.Update: what `holdfast` does on a command line, for programs. Its text is packaging/varlink/org.holdfast.Update.varlink,
// which a test holds against this file.
import type { Interface } from "./interface.ts";
import { lineTypes, reportTypes } from "./report-types.ts";
import { bool, type Field, field, int, list, maybe, named, string } from "./shape.ts";

const interactive: Readonly<Record<string, Field>> = {
  allowInteractiveAuthentication: field(maybe(bool), "A person may be asked for a password; otherwise not"),
};
const component: Readonly<Record<string, Field>> = {
  component: field(maybe(string), "A component instead of the system itself"),
};
const version = field(string);

/** What every error of ours says: a name for programs, a sentence and what helps for people. */
const said: Readonly<Record<string, Field>> = {
  code: field(string, "Stays the same from release to release of Holdfast"),
  message: field(string),
  hint: field(maybe(string), "What a person can do about it"),
};

export const updateInterface: Interface = {
  name: "org.holdfast.Update",
  comment:
    "Atomic updates of this machine. One at a time changes it, whoever started that; everyone else is told Busy.",
  types: {
    Progress: {
      kind: "struct",
      comment: "How far long work is",
      fields: {
        kind: field(string, "step, bytes, step-done, note or warning; others may be added"),
        index: field(maybe(int), "Of a step, from 1"),
        count: field(maybe(int), "How many steps there are"),
        title: field(maybe(string), "Of a step, in words"),
        totalBytes: field(maybe(int), "What the step moves"),
        done: field(maybe(int), "Bytes of the step that are done"),
        total: field(maybe(int), "Bytes of the step"),
        text: field(maybe(string), "Of a note or warning"),
      },
    },
    ...lineTypes,
    ...reportTypes,
  },
  methods: {
    Status: {
      comment: "How this machine stands. Nothing is fetched, nothing is changed.",
      input: { ...component, ...interactive },
      output: { report: field(named("StatusReport")) },
    },
    Check: {
      comment: "Ask the sources for a newer version",
      input: { ...component, ...interactive },
      output: { report: field(named("CheckReport")) },
    },
    Plan: {
      comment: "What Update would do. Nothing is changed.",
      input: { version: field(maybe(string), "Absent: the newest"), ...component, ...interactive },
      output: { report: field(named("UpdateReport")) },
    },
    Update: {
      comment:
        "Bring in a version, prove it, and let it boot next. Who takes several replies (more) is told the progress in " +
        "all but the last; who goes away before that breaks the work off, and the next call goes on from there.",
      input: {
        version: field(maybe(string), "Absent: the newest; a named one needs an administrator"),
        ...component,
        acquireOnly: field(maybe(bool), "Download everything, install nothing"),
        ...interactive,
      },
      output: {
        progress: field(maybe(named("Progress")), "In every reply but the last"),
        report: field(maybe(named("UpdateReport")), "In the last reply"),
      },
    },
    Rollback: {
      comment: "Let an older version boot next, once it is proven intact. Progress as with Update.",
      input: { version: field(maybe(string), "Absent: the last one known to be good"), ...interactive },
      output: {
        progress: field(maybe(named("Progress")), "In every reply but the last"),
        report: field(maybe(named("RollbackReport")), "In the last reply"),
      },
    },
    Doctor: {
      comment: "Check every boot entry and what it needs, and mend it where that is asked. Progress as with Update.",
      input: {
        deep: field(maybe(bool), "Read everything, not only what has changed"),
        repair: field(maybe(bool), "Mend what can be mended; needs an administrator"),
        ...interactive,
      },
      output: {
        progress: field(maybe(named("Progress")), "In every reply but the last"),
        report: field(maybe(named("DoctorReport")), "In the last reply"),
      },
    },
    History: {
      comment: "What happened on this machine",
      input: { last: field(maybe(int), "So many entries at most, the newest; absent: 100"), ...interactive },
      output: { entries: field(list(named("HistoryEntry")), "Oldest first") },
    },
    Pin: {
      comment: "Never remove or overwrite a version",
      input: { version, ...interactive },
      output: {},
    },
    Unpin: {
      comment: "Let a version be removed again",
      input: { version, ...interactive },
      output: {},
    },
    ListQuarantine: {
      comment: "Versions that are passed over, because they failed here",
      input: { ...interactive },
      output: { versions: field(list(named("QuarantinedVersion"))) },
    },
    LiftQuarantine: {
      comment: "Let a version that failed here be tried again",
      input: { version, ...interactive },
      output: { report: field(named("LiftReport")) },
    },
  },
  errors: {
    Busy: {
      comment: "Another Holdfast is at work on this machine; the same call may do later",
      fields: { ...said, owner: field(maybe(named("LockOwner")), "Who it is, where that is known") },
    },
    Refused: { comment: "A promise of Holdfast would not hold. Nothing was changed.", fields: said },
    Interrupted: { comment: "Broken off; the same call goes on from there", fields: said },
    Failed: {
      comment: "It could not be done",
      fields: { ...said, retriable: field(bool, "The same call may do later, without anyone changing anything") },
    },
  },
};

// What can be taken away where another version is made to boot next (src/agent/install: switching entries and links).
import { of, type Removal } from "../removal.ts";

export const switchRemovals: readonly Removal[] = [
  ...of("agent/install/switch.ts", [
    {
      kind: "refusal",
      what: "refusing to switch to a damaged version",
      scenario: "going back to a damaged version, once it is repaired",
      from: "if (proof.damaged.length > 0) {",
      to: "if (proof.damaged.length < 0) {",
    },
    {
      kind: "refusal",
      what: "refusing to switch to a version that nobody vouches for",
      scenario: "going back to a version that nobody vouches for",
      from: "if (proof.unknown.length > 0) {",
      to: "if (proof.unknown.length < 0) {",
    },
    {
      kind: "refusal",
      what: "refusing to switch to a version that is not whole",
      scenario: "someone takes the image away behind its proof, before a rollback",
      from: "if (node === undefined || !isComplete(node)) {",
      to: "if (node === undefined) {",
    },
    {
      kind: "refusal",
      what: "refusing a switch when an entry before it cannot be passed over",
      scenario: "going back past an entry whose name takes no counter",
      from: "if (plan.stuck.length > 0) {",
      to: "if (plan.stuck.length < 0) {",
    },
    {
      kind: "memory",
      what: "marking that the ESP is about to be changed by a switch",
      scenario: "rollback from v2 to v1",
      from: "await openEsp(session, observation);",
      to: "",
    },
    {
      kind: "memory",
      what: "noting which versions were gone back from",
      scenario: "update after v2 was gone back from, and is no longer installed",
      from: "await saveQuarantine(session, {",
      to: "void ({",
    },
    {
      kind: "read-back",
      what: "reading a renamed entry back, and the record that follows it",
      scenario: "the medium returns other bytes of a renamed entry than were written",
      from: "await verifyRenamed(session, observation, passedVersion(observation, entry.path), path, version);",
      to: "",
    },
    {
      kind: "comparison",
      what: "comparing a renamed entry with its digest",
      scenario: "the medium returns other bytes of a renamed entry than were written",
      from: `resource.role === "entry" && sameContent(await digestPlace(session, place, resource.content), resource.content);`,
      to: `resource.role === "entry";`,
    },
    {
      kind: "order",
      what: "taking back a choice for the next boot only",
      scenario: "going back when the next boot was chosen, with a loader whose ids have no counters",
      from: `if (plan.clearOneShot) await loader.write("LoaderEntryOneShot", undefined);`,
      to: "",
    },
    {
      kind: "order",
      what: "taking back a choice of another default",
      scenario: "going back when a default was chosen by a pattern",
      from: `if (plan.clearDefault) await loader.write("LoaderEntryDefault", undefined);`,
      to: "",
    },
    {
      kind: "memory",
      what: "no longer passing over the version that was switched to",
      scenario: "forward again from v1 to v2",
      from: "if (after.situation.quarantine.has(version)) await liftQuarantine(session, version);",
      to: "",
    },
  ]),
  ...of("agent/install/switch-links.ts", [
    {
      kind: "refusal",
      what: "refusing to point the link at a version that is not whole",
      scenario: "going back to a version of which one part of two is there",
      from: "if (links.length === 0 || !isWhole(situation, version)) {",
      to: "if (links.length === 0) {",
    },
    {
      kind: "memory",
      what: "noting which versions of a component were gone back from",
      scenario: "going back, then an update, which does not go forward again, trees with a link",
      from: `await saveQuarantine(session, { format: 1, version: passed, atMs, evidence: "rolled-back", text: why });`,
      to: "void atMs;",
    },
  ]),
];

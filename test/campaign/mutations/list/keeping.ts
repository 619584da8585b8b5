// What can be taken away where it is decided what must stay, and what comes first (src/domain besides the planner).
import { of, type Removal } from "../removal.ts";

export const keepingRemovals: readonly Removal[] = [
  ...of("domain/removal.ts", [
    {
      kind: "order",
      what: "the order of removal: entry, addon, image",
      scenario: "v2 to v3, v1 goes, images on ext4",
      from: "const ordered = [...instances].sort((a, b) => roleRank(roleOfInstance(b)) - roleRank(roleOfInstance(a)));",
      to: "const ordered = roleRank(roleOfInstance(instances[0] as Instance)) < -1 ? [] : [...instances];",
    },
  ]),
  ...of("domain/way-back.ts", [
    {
      kind: "order",
      what: "an entry without a counter is the way back before one that is counted",
      scenario: "untested v2 replaced by v3",
      from: "const plain = complete.find((node) => node.entry.tries === undefined);",
      to: "const plain = complete[0];",
    },
    {
      kind: "refusal",
      what: "an entry without tries left is no way back",
      unitTest: {
        file: "src/domain/way-back.test.ts",
        because: "it decides what is told as the way back, and changes nothing on the disk",
      },
      from: "const chosen = plain ?? complete.find((node) => node.entry.tries?.left !== 0);",
      to: "const chosen = plain ?? complete[0];",
    },
    {
      kind: "refusal",
      what: "the target is not its own way back",

      scenario: "a feature is switched on, and the version that boots next gets its image",
      from: "situation.loader.entries.filter((entry) => !own.has(entry.path));",
      to: "situation.loader.entries.filter((entry) => entry.path !== undefined || own.size < 0);",
    },
    {
      kind: "comparison",
      what: "a way back has to be complete",

      scenario: "v3 over a newer version with an empty image, which nobody offers",
      from: "const complete = ours.filter(isComplete);",
      to: "const complete = [...ours];",
    },
  ]),
  ...of("domain/boot-graph.ts", [
    {
      kind: "comparison",
      what: "an entry without its image is not complete",

      scenario: "v3 over a newer version without its image, where every entry is counted",
      from: `node.needs.every((need) => need.soundness !== "missing" && need.soundness !== "damaged")`,
      to: `node.needs.every((need) => need.soundness !== "damaged")`,
    },
    {
      kind: "comparison",
      what: "an entry with a damaged image is not complete",

      scenario: "v3 over a newer version with an empty image, which nobody offers",
      from: `node.needs.every((need) => need.soundness !== "missing" && need.soundness !== "damaged")`,
      to: `node.needs.every((need) => need.soundness !== "missing")`,
    },
  ]),
  ...of("domain/still-to-do.ts", [
    {
      kind: "comparison",
      what: "what is installed counts only once it was compared with its digest",
      scenario: "v1 to v2, images on ext4",
      from: `return same && situation.soundness.get(instance) === "verified";`,
      to: "return same;",
    },
    {
      kind: "comparison",
      what: "what is installed counts only when it came from the bytes on offer",

      scenario: "v2 published again, and its new bytes are wanted",
      from: `return same && situation.soundness.get(instance) === "verified";`,
      to: `return (same || record !== undefined) && situation.soundness.get(instance) === "verified";`,
    },
    {
      kind: "comparison",
      what: "what the plan takes away is brought in again",

      scenario: "update when the image of v2 is gone again",
      from: "!gone.has(instance) && instance.transfer === transfer.id",
      to: "instance.transfer === transfer.id",
    },
  ]),
  ...of("domain/destination.ts", [
    {
      kind: "refusal",
      what: "a slot of a version that is kept, pinned or protected is not written",

      scenario: "v2 to v3 with v1 pinned, two slots",
      from: `if (keep.has(held.version) || situation.pins.has(held.version) || isProtected(situation, held.version))
    return undefined;`,
      to: "if (keep === undefined || isProtected === undefined) return undefined;",
    },
    {
      kind: "refusal",
      what: "a slot of a pinned version is not written",
      scenario: "v2 to v3 with v1 pinned, two slots",
      from: "if (keep.has(held.version) || situation.pins.has(held.version) || ",
      to: "if (keep.has(held.version) || ",
    },
    {
      kind: "refusal",
      what: "the slot of the running version is not written",

      scenario: "v3 while a version runs whose entry came with a repair, two slots",
      from: "if (held.version === situation.running.version) return undefined;",
      to: "",
    },
    {
      kind: "order",
      what: "an empty slot is taken before one that holds a version",

      scenario: "other bytes in the slot of v2, and an empty one before it",
      from: "a.preference - b.preference ||",
      to: "0 * (a.preference - b.preference) ||",
    },
  ]),
  ...of("domain/retention.ts", [
    {
      kind: "refusal",
      what: "no count costs the running version its place",
      scenario: "v2 to v3 while v1 runs",
      from: "return running || wayBack ||",
      to: "return wayBack ||",
    },
    {
      kind: "refusal",
      what: "no count costs the way back its place",

      scenario: "v3 past a v2 that has used up its tries, when no version says that it runs",
      from: "return running || wayBack ||",
      to: "return running ||",
    },
    {
      kind: "refusal",
      what: "no count costs a pinned version its place",

      scenario: "v2 to v3 with v1 pinned",
      from: "|| target || pinned ||",
      to: "|| target ||",
    },
    {
      kind: "order",
      what: "what cannot boot goes before what is older",

      scenario: "vacuum with a newest version whose image is damaged, while the one before runs",
      from: "if (!complete) return 0;",
      to: "",
    },
    {
      kind: "refusal",
      what: "two versions stay whatever the count says",

      scenario: "vacuum of v1",
      from: "Math.max(fewest, facts.instancesMax)",
      to: "facts.instancesMax - 1",
    },
  ]),
  ...of("domain/switch-plan.ts", [
    {
      kind: "order",
      what: "of those that are passed over, what boots next is the last",

      scenario: "going back past a version without its image",
      from: "const final = replaced(loader.entries, renames);",
      to: "renames.reverse();\n  const final = replaced(loader.entries, renames);",
    },
    {
      kind: "order",
      what: "going back, the entry loses its counter",

      scenario: "going back to a version that has used up its tries",
      from: "if (!forward || entry.tries === undefined || name === undefined || left === undefined) return entry.id;",
      to: "if (!forward || name === undefined || left === undefined) return entry.fileName;",
    },
  ]),
  ...of("domain/room.ts", [
    {
      kind: "refusal",
      what: "nothing newer than the way back goes to make room",
      unitTest: { file: "src/domain/room.test.ts", because: "arithmetic of the planner, tried there over all sizes" },
      from: ".filter((version) => compareVersions(version, floor) < 0)\n",
      to: ".filter((version) => version !== floor)\n",
    },
    {
      kind: "refusal",
      what: "no pinned version goes to make room",
      unitTest: {
        file: "src/domain/room.test.ts",
        because: "a plan that takes a pinned version is refused once more before it is carried out",
      },
      from: "!situation.pins.has(version) && !isProtected(situation, version))\n    .sort",
      to: "!isProtected(situation, version))\n    .sort",
    },
    {
      kind: "refusal",
      what: "refusing an update for which there is no room",

      scenario: "v3 with v1 pinned, and no room for three",
      from: "const missing = need.peak + marginBytes - room.availableBytes - freed - left;",
      to: "const missing = 0 * (need.peak + marginBytes - room.availableBytes - freed - left);",
    },
  ]),
  ...of("domain/choose-release.ts", [
    {
      kind: "refusal",
      what: "no update while the running version is on trial",

      scenario: "the running version is on trial",
      from: "if (situation.running.onTrial) {",
      to: "if (situation.running.onTrial === null) {",
    },
    {
      kind: "refusal",
      what: "a version that failed here is passed over",

      scenario: "the newest version was gone back from, and is no longer here",
      from: "const usable = offered.filter(({ version }) => !situation.quarantine.has(version));",
      to: "const usable = [...offered];",
    },
    {
      kind: "refusal",
      what: "nothing older than what is installed",

      scenario: "nothing on offer is newer than what is installed and not yet booted",
      from: "compareVersions(release.version, installed) < 0 &&",
      to: "compareVersions(release.version, installed) === null &&",
    },
    {
      kind: "refusal",
      what: "no update while updates are held",

      scenario: "updates are held",
      from: "if (held(situation)) {",
      to: "if (held(situation) === null) {",
    },
  ]),
];

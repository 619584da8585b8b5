// What can be taken away where it is planned what is done, and in which order (src/domain).
import { of, type Removal } from "../removal.ts";

export const plannerRemovals: readonly Removal[] = of("domain/planner.ts", [
  {
    kind: "order",
    what: "the way back is proven before anything else (P4)",
    scenario: "damaged way back, mended in the middle of an update",
    from: `...(wayBack.kind === "version" && ordered.length + retired.length > 0`,
    to: `...(wayBack.kind === "version" && ordered.length < 0`,
  },
  {
    kind: "order",
    what: "the way back is proven also before old versions go for no new one",
    scenario: "on without a way back, past an older version that is intact",
    from: `...(wayBack.kind === "version" && ordered.length + retired.length > 0`,
    to: `...(wayBack.kind === "version" && ordered.length > 0`,
  },
  {
    kind: "order",
    what: "the order of installation: image, addon, entry",
    scenario: "the definition of the entry comes first",
    from: "return [...pieces].sort((a, b) => roleRank(a.destination.role) - roleRank(b.destination.role));",
    to: "return [...pieces];",
  },
  {
    kind: "order",
    what: "the hidden entry: while parts of its version come in again the entry is away",
    scenario: "v2 published again with other bytes",
    from: "ownBroken || stillToDo(situation, release).length > 0 ? [target, ...broken] : broken;",
    to: "broken;",
  },
  {
    kind: "refusal",
    what: "the entry of the running version is never taken away",
    scenario: "update when the entry of the running version is gone",
    from: ".filter((version) => version !== situation.running.version)\n    .map((version) =>",
    to: ".map((version) =>",
  },
  {
    kind: "order",
    what: "a version that loses its slot goes whole, entry first, before it is written over",
    scenario: "v2 to v3, v1 goes, two slots",
    from: `...victims.map((version) => removalOf(situation, version, "make-room", everythingOf(situation, version))),`,
    to: "",
  },
  {
    kind: "order",
    what: "old versions go after the audit",

    scenario: "someone takes the image of v3 away before the audit, and v1 is not gone yet",
    from: `{ kind: "audit", version: target, boots: hasEntries },
      ...retired.map((removal): Step => ({ kind: "clear", removal })),`,
    to: `...retired.map((removal): Step => ({ kind: "clear", removal })),
      { kind: "audit", version: target, boots: hasEntries },`,
  },
  {
    kind: "order",
    what: "old versions go after the new one is installed",

    scenario: "v3 cannot be read back, and nothing goes",
    from: '...ordered.map(({ offer, destination }): Step => ({ kind: "install", offer, destination })),\n      ...pendingLinks,',
    to: '...retired.map((removal): Step => ({ kind: "clear", removal })),\n      ...ordered.map(({ offer, destination }): Step => ({ kind: "install", offer, destination })),\n      ...pendingLinks,',
  },
  {
    kind: "order",
    what: "the link is switched last",
    scenario: "v1 to v2, trees with a link",
    from: `...ordered.map(({ offer, destination }): Step => ({ kind: "install", offer, destination })),
      ...pendingLinks,`,
    to: `...pendingLinks,
      ...ordered.map(({ offer, destination }): Step => ({ kind: "install", offer, destination })),`,
  },
  {
    kind: "refusal",
    what: "the running version is not replaced, whatever its entry looks like",

    scenario: "v3 while a version runs whose entry came with a repair",
    from: "const inTheWay = found.inTheWay.filter(({ version }) => version !== situation.running.version);",
    to: "const inTheWay = found.inTheWay;",
  },
  {
    kind: "refusal",
    what: "refusing to take a pinned version from before the way back",
    scenario: "v3 over a newer version without its image, which is pinned",
    from: "if (situation.pins.has(version))",
    to: "if (version === null)",
  },
  {
    kind: "refusal",
    what: "keeping the way back",

    scenario: "v3 past a v2 that has used up its tries, when no version says that it runs",
    from: `...[wayBack, found.wayBack].flatMap((way) => (way.kind === "version" ? [way.version] : [])),`,
    to: "",
  },
  {
    kind: "refusal",
    what: "keeping the version that a link leads to",
    unitTest: {
      file: "src/domain/room.test.ts",
      because: "the version in use is the way back as well, unless it is damaged; then it is of no use to a checker",
    },
    from: "...situation.linked.values(),",
    to: "",
  },
  {
    kind: "refusal",
    what: "refusing to write the partition that runs",
    unitTest: { file: "src/domain/planner-slots.test.ts", because: "the simulated kernel has no mounted partitions" },
    from: "return runsThere(transfer, offer);",
    to: "",
  },
  {
    kind: "order",
    what: "what runs is mended under the name it has",
    scenario: "update when the entry of the running version is gone",
    from: "destination: there === undefined ? destination : { ...destination, place: there } });",
    to: "destination });",
  },
  {
    kind: "refusal",
    what: "refusing an update to a file system that is read-only",
    unitTest: {
      file: "src/domain/planner.test.ts",
      because: "the disk itself refuses a moment later; only the hint is better",
    },
    from: "if (readOnly !== undefined) {",
    to: "if (readOnly === null) {",
  },
  {
    kind: "order",
    what: "sweeping what earlier runs left",

    scenario: "what an update to another version left when it was interrupted",
    from: `if (leftover.by === "holdfast") return !keep.has(leftover.digestPrefix ?? "");`,
    to: `if (leftover.by === "holdfast") return false;`,
  },
  {
    kind: "order",
    what: "replacing a version that was never booted, so that the new one falls back to one that was",

    scenario: "untested v2 replaced by v3, where three may stay",
    from: "superseded.filter((version) => !gone.has(version));",
    to: "superseded.filter((version) => gone.has(version));",
  },
  {
    kind: "order",
    what: "old versions go after everything of the new one was brought in",

    scenario: "v3 cannot be brought in, and nothing goes",
    from: '...removals.map((removal): Step => ({ kind: "clear", removal })),\n    ...ordered.map(',
    to: '...removals.map((removal): Step => ({ kind: "clear", removal })),\n    ...retired.map((removal): Step => ({ kind: "clear", removal })),\n    ...ordered.map(',
  },
  {
    kind: "order",
    what: "an untested version goes only after everything of its successor was brought in",
    scenario: "v3 cannot be brought in, and an untested v2 stays",
    from: '...removals.map((removal): Step => ({ kind: "clear", removal })),\n    ...ordered.map(',
    to: '...removals.map((removal): Step => ({ kind: "clear", removal })),\n    ...replaced.map((version): Step => ({ kind: "clear", removal: removalOf(situation, version, "replaced", everythingOf(situation, version)) })),\n    ...ordered.map(',
  },
  {
    kind: "order",
    what: "a damaged running version is proven, and so mended, like a way back",

    scenario: "v3 while a damaged version runs that nobody offers",
    from: "const wayBack = damagedRunning(situation, found) ?? found.wayBack;",
    to: "const wayBack = found.wayBack;",
  },
]);

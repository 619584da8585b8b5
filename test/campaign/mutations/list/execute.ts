// What can be taken away where a plan is carried out, proven, audited and repaired (src/agent/install).
import { of, type Removal } from "../removal.ts";

const source: readonly Removal[] = of("agent/acquire/forget-source.ts", [
  {
    kind: "flush",
    what: "the flush after what was brought in went from its hidden name",

    scenario: "v1 to v2, a packed entry",
    from: "await disk.syncFolder(stagingFolder);",
    to: "",
  },
]);

const execute: readonly Removal[] = of("agent/install/execute.ts", [
  {
    kind: "memory",
    what: "remembering for cleanup where instances are installed, before the first is",
    scenario: "v1 to v2, and what is told of it",
    from: "await recordTargets(this.#session, transfers, targets);",
    to: "",
  },
  {
    kind: "memory",
    what: "recording what the version consists of before its entry has a name",

    scenario: "the entry of v3 comes in, and the definitions change before the update is run again",
    from: `await recordTargets(this.#session, transfers, targets);
      await this.#saveRecord();`,
    to: `await recordTargets(this.#session, transfers, targets);
      this.#recordSaved = true;`,
  },
  {
    kind: "comparison",
    what: "demanding that the version is whole before its entry gets a name",
    scenario: "someone takes the image away before the entry has its name",
    from: `if (step.destination.role === "entry") await this.#demandWhole();`,
    to: "",
  },
  {
    kind: "read-back",
    what: "the second look before the entry gets its name",

    scenario: "someone takes the image away while only the entry comes in",
    from: `await this.#look();
    if (this.#lacking() === undefined) return;`,
    to: "if (this.#lacking() === undefined) return;",
  },
  {
    kind: "read-back",
    what: "reading once more what looks changed before the entry gets its name",
    scenario: "someone writes into the image before the entry has its name",
    from: "const lacking = this.#lacking();\n    if (lacking === undefined) return;",
    to: "const lacking = undefined;\n    if (lacking === undefined) return;",
  },
  {
    kind: "order",
    what: "what was brought in goes from its hidden name once it is installed",
    scenario: "v1 to v2, packed images",
    from: "if (target !== undefined) await forgetSource(this.#session, step.offer, target);",
    to: "",
  },
  {
    kind: "read-back",
    what: "the fresh look before a removal",

    scenario: "someone gives the entry of an old version a second name just before it goes",
    from: `await this.#look();
    const { situation } = this.#observation;`,
    to: "const { situation } = this.#observation;",
  },
  {
    kind: "refusal",
    what: "refusing a removal from under an entry",
    scenario: "someone gives the entry of an old version a second name before it goes",
    from: "if (!promise.holds) {",
    to: "if (promise.holds === undefined) {",
  },
  {
    kind: "read-back",
    what: "the audit after the installation",
    scenario: "someone takes the image away before the audit",
    from: `case "audit":
        await this.#audit();`,
    to: `case "audit":`,
  },
  {
    kind: "read-back",
    what: "the fresh look of the audit",

    scenario: "someone takes the image of the running version away before old ones go",
    from: `await this.#look();
    const { observation, overriddenBy }`,
    to: "const { observation, overriddenBy }",
  },
  {
    kind: "comparison",
    what: "stopping when the way back is damaged",
    scenario: "damaged way back, mended in the middle of an update",
    from: "return proof.damaged.length > 0 || proof.unknown.length > 0 ? proof : undefined;",
    to: "return proof.unknown.length > 0 ? proof : undefined;",
  },
  {
    kind: "comparison",
    what: "stopping when nobody vouches for the way back",
    scenario: "the way back is a version that nobody vouches for",
    from: "return proof.damaged.length > 0 || proof.unknown.length > 0 ? proof : undefined;",
    to: "return proof.damaged.length > 0 ? proof : undefined;",
  },
  {
    kind: "refusal",
    what: "sparing older versions while the way back is in doubt",
    scenario: "on without a way back, past an older version that is intact",
    from: `if (inDoubt && step.kind === "clear" && step.removal.why === "retention") continue;`,
    to: "",
  },
  {
    kind: "memory",
    what: "no longer holding for damaged what was written anew",

    scenario: "update over a damaged image of which nothing is recorded",
    from: "this.#believe(describePlace(step.destination.place));",
    to: "",
  },
]);

const audit: readonly Removal[] = of("agent/install/audit.ts", [
  {
    kind: "flush",
    what: "the flush after the audit took an entry away",
    scenario: "someone takes the image away before the audit, and boot entries are on ext4",
    from: "await disk.syncFolder(folderOf(node.entry.path));",
    to: "",
  },
  {
    kind: "refusal",
    what: "taking the entry away when the audit fails",
    scenario: "someone takes the image away before the audit",
    from: "await removeIfThere(disk, node.entry.path);",
    to: "",
  },
  {
    kind: "comparison",
    what: "noticing in the audit that the entry is gone",
    scenario: "someone takes the entry away before the audit",
    from: "if (own.length === 0) return withdraw(",
    to: "if (own.length === -1) return withdraw(",
  },
  {
    kind: "comparison",
    what: "noticing in the audit that the entry lacks something",
    scenario: "someone takes the image away before the audit",
    from: "if (lacks !== undefined) return withdraw(",
    to: `if (lacks === "") return withdraw(`,
  },
  {
    kind: "comparison",
    what: "noticing in the audit that a part of a component is damaged",
    scenario: "someone writes into a component before the audit",
    from: "if (isWhole(situation, version)) return",
    to: "if (situation !== undefined) return",
  },
  {
    kind: "read-back",
    what: "reading in the audit what changed since it was installed",
    scenario: "someone writes into the image before the audit",
    from: "if (own.length > 0 && own.every(isVerified)) return observation;",
    to: "if (own !== undefined) return observation;",
  },
  {
    kind: "comparison",
    what: "asking the loader's model whether the new entry boots next",
    scenario: "another default is chosen, and v2 does not boot next",
    from: "if (own.some((node) => node.entry.path === next?.path)) return",
    to: "if (own.length > 0) return",
  },
]);

const prove: readonly Removal[] = of("agent/install/prove.ts", [
  {
    kind: "read-back",
    what: "reading a file from the medium instead of the cache",
    scenario: "the medium returns other bytes of an image than were written",
    from: `await disk.open(place.path, "medium")`,
    to: `await disk.open(place.path, "read")`,
  },
  {
    kind: "read-back",
    what: "reading a slot from the medium instead of the cache",

    scenario: "a slot rots after its flush",
    from: `await volumes.openPartition(place.device, place.number, "medium")`,
    to: `await volumes.openPartition(place.device, place.number, "modify")`,
  },
  {
    kind: "comparison",
    what: "comparing the bytes of an installed version with their digests",
    scenario: "damaged way back, mended in the middle of an update",
    from: "if (expected !== undefined && !sameContent(expected, now)) {",
    to: "if (expected === null) {",
  },
  {
    kind: "comparison",
    what: "noticing that a recorded part is missing",

    scenario: "a part of the way back is gone that today's definitions do not list",
    from: `damaged.push({ instance: undefined, what: describePlace(record.place), why: "it is missing" });`,
    to: ";",
  },
  {
    kind: "comparison",
    what: "noticing that something which an entry needs is missing",

    scenario: "v2 when what runs lacks an image that nobody offers",
    from: `damaged.push({ instance: undefined, what: need.what, why: "it is missing" });`,
    to: ";",
  },
  {
    kind: "comparison",
    what: "noticing that the loader cannot load an entry",

    scenario: "v2 when the entry of what runs is cut, and nobody vouches for it",
    from: "damaged.push({ instance: undefined, what: node.entry.path, why: node.entry.loadable.why });",
    to: ";",
  },
  {
    kind: "comparison",
    what: "taking a file that cannot be read for damaged",
    scenario: "repair of an old version whose image the medium does not give back",
    from: 'if (error instanceof Fault && error.code !== "no-permission") return error;',
    to: "",
  },
  {
    kind: "read-back",
    what: "reading a second time what does not fit",
    scenario: "v1 to v2, and one reading of the entry of v1 is wrong",
    from: "const second = await read();",
    to: "const second = first;",
  },
  {
    kind: "comparison",
    what: "comparing two readings of what is adopted",
    scenario: "v1, for which nobody vouches, to v2, and one reading of v1 is wrong",
    from: "if (expected !== undefined || alike(first, second)) return second;",
    to: "if (second !== undefined) return second;",
  },
  {
    kind: "comparison",
    what: "comparing a third reading of it with the two",
    scenario: "v1, for which nobody vouches, to v2, and no two readings of v1 are alike",
    from: "if (third instanceof Fault || alike(first, third) || alike(second, third)) return third;",
    to: "if (third !== undefined) return third;",
  },
]);

const repair: readonly Removal[] = [
  ...of("agent/install/repair.ts", [
    {
      kind: "comparison",
      what: "comparing what is offered for a repair with what was installed",
      scenario: "repair of a version that is offered with other bytes now",
      from: `if (!isSame(before.situation, release)) return beyondRepair("the repository has other bytes under its name");`,
      to: "",
    },
    {
      kind: "refusal",
      what: "refusing to write over a damaged partition in place",

      scenario: "repair of a slot that is damaged and runs, in the middle of which the power goes",
      from: `(destination.place.kind === "partition" && there !== undefined)`,
      to: "destination.place === undefined",
    },
    {
      kind: "order",
      what: "recording what a repair brought in before it gets its name",
      scenario: "the definition of the entry comes first, and a repair",
      from: "if (before === undefined || !sameContent(before.content, request.content))",
      to: "if (before === null)",
    },
    {
      kind: "memory",
      what: "recording of such a part that it was proven, so that its version counts as whole once",
      scenario: "the definition of the entry comes first, and a repair",
      from: "{ ...recordOf(request), verifiedAtMs: session.machine.clock.nowMs() }",
      to: "recordOf(request)",
    },
    {
      kind: "order",
      what: "forgetting how far a partition was filled once it is repaired",
      scenario: "repair of an entry without its image, two slots",
      from: "if (target !== undefined) await forgetSource(session, offer, target);",
      to: "",
    },
    {
      kind: "order",
      what: "the order of a repair: image, addon, entry",
      scenario: "the definition of the entry comes first, and a repair",
      from: "requests.sort((a, b) => roleOrder.indexOf(a.destination.role) - roleOrder.indexOf(b.destination.role));",
      to: "",
    },
    {
      kind: "read-back",
      what: "reading the whole version once more after a repair",

      scenario: "repair of a version that lacks a part which today's definitions do not list",
      from: "return proof.damaged.length === 0 && proof.unknown.length === 0",
      to: "return proof !== undefined",
    },
  ]),
];

export const executeRemovals: readonly Removal[] = [...source, ...execute, ...audit, ...prove, ...repair];

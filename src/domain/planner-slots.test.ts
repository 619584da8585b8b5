import assert from "node:assert/strict";
import { test } from "node:test";
import { parseVersion } from "../base/ids.ts";
import type { Leftover, Slot } from "./resource.ts";
import { samplePlan, sampleRefusal, sampleSteps } from "./sample-plan.ts";
import {
  sampleImageBytes,
  sampleInventory,
  type SampleMachine,
  sampleSituation,
  type SampleVersion,
} from "./sample-situation.ts";
import { sampleTransfer, sampleTransfers } from "./sample-transfer.ts";
import type { Situation } from "./situation.ts";

const [, uki] = sampleTransfers();
const root = sampleTransfer("50-root", { path: "/dev/sda", patterns: "os_@v", target: "Type=partition" });
const transfers = [root, uki];

function slot(number: number, label = "_empty", sizeBytes = sampleImageBytes): Slot {
  return { transfer: "50-root", device: "/dev/sda", number, sizeBytes, label, empty: label === "_empty" };
}

function machine(
  versions: readonly SampleVersion[],
  more: readonly Slot[] = [],
  rest: Partial<SampleMachine> = {},
  leftovers: readonly Leftover[] = [],
): Situation {
  const inventory = sampleInventory(transfers, versions);
  return sampleSituation({
    transfers,
    versions,
    ...rest,
    changes: { inventory: { ...inventory, slots: [...inventory.slots, ...more], leftovers }, ...rest.changes },
  });
}

function slotOf(situation: Situation): number | undefined {
  const step = samplePlan(situation).steps.find(({ kind }) => kind === "acquire");
  return step?.kind === "acquire" && step.destination.place.kind === "partition"
    ? step.destination.place.number
    : undefined;
}

const a: SampleVersion = { version: "2", slot: 1 };
const b: SampleVersion = { version: "1", slot: 2 };

const choices: readonly (readonly [sentence: string, situation: Situation, number: number])[] = [
  ["an empty slot is written", machine([a], [slot(2)], { running: "2" }), 2],
  ["an empty slot comes before one that holds an old version", machine([a, b], [slot(3)], { running: "2" }), 3],
  ["of two empty slots it is the first", machine([a], [slot(3), slot(2)], { running: "2" }), 2],
  [
    "a slot that was begun comes before one that is empty",
    machine([a], [slot(2), slot(3, "os_3")], { running: "2" }),
    3,
  ],
  [
    "the slot that holds the target is written again",
    machine([{ version: "3", slot: 2, image: "damaged" }, a], [slot(3)], { running: "2" }),
    2,
  ],
  ["with two slots the other one is given up", machine([a, b], [], { running: "2" }), 2],
  [
    "the other one is given up when the older version runs, too",
    machine([{ ...a, entry: "os_2+3-0.efi" }, b], [], { running: "1" }),
    1,
  ],
  [
    "of several the oldest is given up",
    machine([a, { version: "1.10", slot: 2 }, { version: "1.9", slot: 3 }], [], { running: "2" }),
    3,
  ],
  [
    "a pinned version keeps its slot",
    machine([a, { version: "1.10", slot: 2 }, { version: "1.9", slot: 3 }], [], { running: "2", pins: ["1.9"] }),
    2,
  ],
  [
    "an empty slot that is too small is passed over",
    machine([a, b], [slot(3, "_empty", sampleImageBytes - 1)], { running: "2" }),
    2,
  ],
];

for (const [sentence, situation, number] of choices) test(sentence, () => assert.equal(slotOf(situation), number));

test("a version that gives up its slot goes whole, entry first, after the way back is proven", () => {
  const plan = samplePlan(machine([a, b], [], { running: "2" }));
  assert.deepEqual(sampleSteps(machine([a, b], [], { running: "2" })), [
    "prove 2",
    "clear 1 (make-room): uki root",
    "acquire 50-root_3",
    "acquire 90-uki_3",
    "install 50-root_3",
    "install 90-uki_3",
    "audit 3",
  ]);
  assert.deepEqual(plan.notices, ["Version 1 gives up its partition to 3 before the download."]);
  assert.deepEqual(
    plan.space.map(({ fileSystem }) => fileSystem),
    ["esp"],
  );
});

test("an untested version gives up its slot before the download, once", () => {
  assert.deepEqual(sampleSteps(machine([{ ...a, entry: "os_2+3-0.efi" }, b], [], { running: "1" })), [
    "prove 1",
    "clear 2 (make-room): uki root",
    "acquire 50-root_3",
    "acquire 90-uki_3",
    "install 50-root_3",
    "install 90-uki_3",
    "audit 3",
  ]);
});

const refusals: readonly (readonly [sentence: string, situation: Situation, message: string, hint: string])[] = [
  [
    "no partition of the type refuses",
    machine([], []),
    "Cannot install os_3: no partition of the right type is on the disk",
    "Create one with the label _empty, or check MatchPartitionType= in /usr/lib/sysupdate.d/50-root.transfer.",
  ],
  [
    "slots that are all too small refuse, with the sizes",
    machine([], [slot(1, "_empty", 1000), slot(2, "_empty", 2000)]),
    `Cannot install os_3: it has ${sampleImageBytes} bytes and the largest partition for it 2000`,
    "Enlarge the partition, or publish a smaller image.",
  ],
  [
    "a pin on the other slot refuses",
    machine([a, b], [], { running: "2", pins: ["1"] }),
    "Cannot install os_3: every partition for it holds a version that must stay (os_2, os_1)",
    "Unpin one of them, or wait until the running version has been found good.",
  ],
  [
    "a protected version in the other slot refuses",
    machine([a, b], [], { running: "2", transfers: [{ ...root, protectVersions: [parseVersion("1")] }, uki] }),
    "Cannot install os_3: every partition for it holds a version that must stay (os_2, os_1)",
    "Unpin one of them, or wait until the running version has been found good.",
  ],
  [
    "the slot of the running version is not written, nor that of the way back",
    machine([{ ...a, image: "damaged" }, b], [], { running: "2" }),
    "Cannot install os_3: every partition for it holds a version that must stay (os_2, os_1)",
    "Unpin one of them, or wait until the running version has been found good.",
  ],
];

test("the slot of the running version is not written although its entry is counted and another is the way back", () => {
  const situation = machine([{ ...a, entry: "os_2+1-2.efi" }, b], [], { running: "2" });
  assert.equal(sampleRefusal(situation).code, "no-free-slot");
});

for (const [sentence, situation, message, hint] of refusals)
  test(sentence, () => assert.deepEqual(sampleRefusal(situation), { code: "no-free-slot", message, hint }));

test("the damaged slot of the running version is not written under it, even to mend it", () => {
  const situation = machine([{ ...a, image: "damaged" }, b], [slot(3)], { running: "2" });
  assert.deepEqual(sampleRefusal(situation, { version: "2" }), {
    code: "no-free-slot",
    message: "Cannot install os_2: version 2 runs, and its partition cannot be written under it",
    hint: "Go back first with holdfast rollback, boot, and run holdfast update again.",
  });
});

const packed = { version: "2", offer: { shape: { kind: "bytes", compression: "xz" } } } as const;

test("the slot of the running version stays as it is where only the digest of a packed one is known", () => {
  const situation = machine([{ ...a, image: "unknown", recorded: false }, b], [], { running: "2" });
  assert.deepEqual(sampleSteps(situation, packed), ["prove 1", "acquire 90-uki_2", "install 90-uki_2", "audit 2"]);
});

test("the damaged slot of the running version refuses also where it is offered packed", () => {
  const situation = machine([{ ...a, image: "damaged" }, b], [], { running: "2" });
  assert.equal(sampleRefusal(situation, packed).code, "no-free-slot");
});

test("a partition that systemd left half written is continued, not swept away", () => {
  const left: Leftover = {
    by: "sysupdate",
    place: { kind: "partition", device: "/dev/sda", number: 3, sizeBytes: sampleImageBytes },
    digestPrefix: undefined,
    name: "os_3",
    transfer: "50-root",
    sizeBytes: sampleImageBytes,
    takenBytes: 0,
  };
  const situation = machine([a], [slot(2), slot(3, "os_3")], { running: "2" }, [left]);
  assert.equal(slotOf(situation), 3);
  assert.equal(sampleSteps(situation).at(-1), "audit 3");
  const other = { ...left, place: { ...left.place, number: 4 }, name: "os_0" } as const;
  assert.ok(sampleSteps(machine([a], [slot(2)], { running: "2" }, [other])).includes("sweep os_0"));
});

test("two transfers of one type of partition get a slot each", () => {
  const verity = sampleTransfer("60-verity", { path: "/dev/sda", patterns: "verity_@v", target: "Type=partition" });
  const both = [root, verity, uki];
  const slots = [1, 2, 3].flatMap((number) => [slot(number), { ...slot(number), transfer: "60-verity" }]);
  const situation = sampleSituation({
    transfers: both,
    versions: [],
    changes: { inventory: { instances: [], leftovers: [], slots } },
  });
  const numbers = samplePlan(situation).steps.flatMap((step) =>
    step.kind === "acquire" && step.destination.place.kind === "partition" ? [step.destination.place.number] : [],
  );
  assert.deepEqual(numbers, [1, 2]);
});

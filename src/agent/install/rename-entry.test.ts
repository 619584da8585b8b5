import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../../base/random.ts";
import { sampleEntry } from "../../domain/sample-entry.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import { crashChoices } from "../../sim/crash-choices.ts";
import type { PlannedFault } from "../../sim/fault-plan.ts";
import { Content } from "../../sim/disk/content.ts";
import { bareWorld, type SampleSession, sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { renameEntry } from "./rename-entry.ts";

const folder = "/efi/EFI/Linux";
const content = Content.pattern(1, 20_000);
const entry: BootEntry = { ...sampleEntry("os_1+3-0.efi"), sizeBytes: content.sizeBytes };

function machine(
  more: Readonly<Record<string, Content>> = {},
  faults: readonly PlannedFault[] = [],
  espBytes = 1e7,
): SampleSession & { readonly world: SimWorld } {
  const fileSystems = [
    { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
    { mountPoint: "/efi", type: "vfat", sizeBytes: espBytes },
  ] as const;
  const world = bareWorld({ [entry.path]: content, ...more }, { fileSystems });
  return { ...sessionOn(world, {}, faults), world };
}

for (const [sentence, espBytes] of [
  ["with room for a copy", 1e7],
  ["without room for a copy", 200_000],
] as const) {
  test(`an entry gets its new name, and its bytes stay, ${sentence}`, async () => {
    const { session, world } = machine({}, [], espBytes);
    assert.equal(await renameEntry(session, entry, "os_1.efi"), `${folder}/os_1.efi`);
    assert.deepEqual(world.tree.namesIn(folder), ["os_1.efi"]);
    world.restart();
    assert.ok((world.tree.peek(`${folder}/os_1.efi`, "medium") as Content).equals(content));
  });
}

for (const [sentence, espBytes] of [
  ["with room for a copy", 1e7],
  ["without room for a copy", 200_000],
] as const) {
  test(`once it is renamed no power cut empties the new name, ${sentence}`, async () => {
    const { session, world } = machine({}, [], espBytes);
    await renameEntry(session, entry, "os_1.efi");
    for (const picks of crashChoices(world.tree.crashDimensions(), 1000, new SeededRandom(1))) {
      const left = world.tree.afterCrash(picks).peek(`${folder}/os_1.efi`);
      assert.ok(left instanceof Content && left.equals(content));
    }
  });
}

test("an entry that has the name already is left alone", async () => {
  const { session, gate } = machine();
  assert.equal(await renameEntry(session, entry, entry.fileName), entry.path);
  assert.equal(gate.calls, 0);
});

test("a name that is taken is not touched: the two may share their clusters", async () => {
  const { session, world } = machine({ [`${folder}/os_1.efi`]: content });
  const before = world.key();
  await assert.rejects(renameEntry(session, entry, "os_1.efi"), { code: "entry-name-taken", kind: "refused" });
  assert.equal(world.key(), before);
});

test("a copy that an earlier run left is not in the way", async () => {
  const { session, world } = machine({ [`${folder}/.holdfast-rename`]: Content.zeros(5) });
  await renameEntry(session, entry, "os_1.efi");
  assert.deepEqual(world.tree.namesIn(folder), ["os_1.efi"]);
});

test("a copy that cannot be written costs the old name nothing", async () => {
  for (const name of ["write", "sync"]) {
    const { session, world } = machine({}, [{ name, subject: `${folder}/.holdfast-rename`, code: "io-error" }]);
    await assert.rejects(renameEntry(session, entry, "os_1.efi"), { code: "io-error" });
    assert.ok((world.tree.peek(entry.path) as Content).equals(content));
    assert.equal(world.tree.peek(`${folder}/os_1.efi`), undefined);
  }
});

test("where others take the room while it is copied, an entry is renamed without a copy", async () => {
  for (const name of ["open", "write", "sync"]) {
    const { session, world } = machine({}, [{ name, subject: `${folder}/.holdfast-rename`, code: "no-space" }]);
    await renameEntry(session, entry, "os_1.efi");
    assert.deepEqual(world.tree.namesIn(folder), ["os_1.efi"]);
    assert.ok((world.tree.peek(`${folder}/os_1.efi`, "medium") as Content).equals(content));
  }
});

test("a copy with other bytes never gets the name of an entry (P1, P3)", async () => {
  for (const fault of [
    { name: "read", subject: entry.path, code: "io-error", instead: "wrong-byte" },
    { name: "sync", subject: `${folder}/.holdfast-rename`, code: "io-error", instead: "rot" },
  ] as const) {
    const { session, world } = machine({}, [fault]);
    await assert.rejects(renameEntry(session, entry, "os_1.efi"), { code: "entry-not-renamed", retriable: true });
    assert.deepEqual(world.tree.namesIn(folder), [entry.fileName]);
    assert.ok((world.tree.peek(entry.path, "medium") as Content).equals(content));
  }
});

test("a file that is not as it was looked at is told", async () => {
  const { session } = machine();
  await assert.rejects(renameEntry(session, { ...entry, sizeBytes: 5 }, "os_1.efi"), {
    code: "entry-not-renamed",
    hint: /doctor --repair/,
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { linuxGeneric } from "../../format/partition-types.ts";
import { type InstallPart, MiB } from "../../image/install-plan.ts";
import { Content } from "../../sim/disk/content.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { bareWorld, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { makeBlank, type Target } from "./target.ts";
import { writeParts, writeTable } from "./write-parts.ts";

const path = "/disk.img";
const sizeBytes = 4 * MiB;
const part: InstallPart = {
  number: 1,
  label: "holdfast-system",
  type: linuxGeneric,
  offsetBytes: MiB,
  sizeBytes: MiB,
  content: "system",
};

function targetOf(kind: "file" | "new-file"): Target {
  const facts = { name: path, kind, sizeBytes: kind === "file" ? sizeBytes : 0, readOnly: false } as const;
  return { path, sectorBytes: 512, facts: { ...facts, uses: [], signatures: [], blank: true } };
}

/** What a power cut could still decide before each write to the disk. */
function beforeWrites(world: SimWorld, work: ReturnType<typeof sessionOn>): readonly (readonly string[])[] {
  const seen: (readonly string[])[] = [];
  work.gate.beforeCall = ({ name, subject }): void => {
    if (name === "write" && subject === path) seen.push(undecided(world));
  };
  return seen;
}

test("a disk is called unfinished only once its old ends are gone for sure (P6)", async () => {
  const world = bareWorld({ [path]: Content.pattern(1, sizeBytes) });
  const run = sessionOn(world);
  const seen = beforeWrites(world, run);
  await makeBlank(run.session, targetOf("file"), sizeBytes);
  assert.deepEqual(
    seen.map((left) => left.length),
    [0, 1, 0],
  );
});

test("that it is unfinished is on the disk for sure before anything else is (P6)", async () => {
  for (const kind of ["file", "new-file"] as const) {
    const world = bareWorld(kind === "file" ? { [path]: Content.pattern(1, sizeBytes) } : {});
    await makeBlank(sessionOn(world).session, targetOf(kind), sizeBytes);
    assert.deepEqual(undecided(world), []);
  }
});

test("what a partition holds is on the disk for sure before the table names it (P6)", async () => {
  const world = bareWorld({ [path]: Content.zeros(sizeBytes), "/system.img": Content.pattern(2, 20_000) });
  await writeParts(sessionOn(world).session, path, [{ part, path: "/system.img" }], false);
  assert.deepEqual(undecided(world), []);
});

test("the table is on the disk for sure before it is read back", async () => {
  const sfdisk = (): { exitCode: number; stdout: string; stderr: string } => {
    const volume = world.tree.volume("/");
    const file = volume.lookUp(volume.root, "disk.img");
    assert.ok(file !== undefined);
    volume.write(file, 512, Content.text("EFI PART"));
    return { exitCode: 0, stdout: "", stderr: "" };
  };
  const world: SimWorld = bareWorld({ [path]: Content.zeros(sizeBytes) }, { programs: { sfdisk } });
  const writing = writeTable(sessionOn(world).session, path, { diskBytes: sizeBytes, parts: [part] });
  await assert.rejects(writing, { code: "not-a-block-device" });
  assert.deepEqual(undecided(world), []);
});

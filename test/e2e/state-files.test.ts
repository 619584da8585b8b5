// Every file of /var/lib/holdfast replaced by garbage: losing facts costs a verification, never bootability (P7).
import assert from "node:assert/strict";
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import type { StatusReport } from "../../src/wire/reports.ts";
import { auditTree } from "../../tools/lab/audit-tree.ts";
import { type LabMachine, machineAt } from "../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { holdfast, json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let scene: Scene;
let releases: readonly [LabRelease, LabRelease, LabRelease];
let copies = 0;

before(async () => {
  world = await World.create();
  releases = await world.releases(["1", "2", "3"]);
  const [one, two, three] = releases;
  scene = await world.scene({ offered: [one, two], installed: [one] });
  await scene.expect(0, ["update"]);
  await scene.expect(0, ["pin", "1"]);
  await scene.expect(0, ["rollback"]);
  await scene.expect(0, ["update", "2"]);
  await scene.expect(0, ["hold", "7d"]);
  await scene.expect(0, ["hold", "--off"]);
  await scene.repository.publish(three);
});
after(async () => {
  await scene[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});

/** The prepared machine once more, in a folder of its own. */
async function copyOfMachine(): Promise<LabMachine> {
  const root = join(scene.folder, `copy-${++copies}`);
  await cp(scene.machine.root, root, { recursive: true, preserveTimestamps: true });
  return machineAt(root);
}

async function stateFiles(machine: LabMachine): Promise<readonly string[]> {
  const folder = join(machine.root, "var/lib/holdfast");
  const found = await readdir(folder, { withFileTypes: true, recursive: true });
  return found.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
}

/** Everything goes on as if the file had never been there. */
async function assertUnharmed(machine: LabMachine): Promise<void> {
  const [, , three] = releases;
  const status = await holdfast(["status", "--json", "--root", machine.root]);
  assert.equal(status.code, 0, status.stdout + status.stderr);
  assert.equal((json(status) as StatusReport).bootsNext, "2");
  const update = await holdfast(["update", "--root", machine.root]);
  assert.equal(update.code, 0, update.stdout + update.stderr);
  const { broken, bootable, leftovers } = await auditTree(machine, releases);
  assert.deepEqual([broken, leftovers], [[], []]);
  assert.ok(bootable.includes("1") && bootable.includes(three.version));
  const history = await holdfast(["history", "--root", machine.root]);
  assert.equal(history.code, 0, history.stderr);
  assert.match(history.stdout, /Version 3 is installed and boots next/);
}

const garbage: readonly (readonly [string, (before: Buffer) => Buffer])[] = [
  ["empty", () => Buffer.alloc(0)],
  ["cut in the middle", (old) => old.subarray(0, old.length / 2)],
  ["cut by one byte", (old) => old.subarray(0, -2)],
  ["random bytes", (old) => Buffer.from(old.map((byte, at) => byte ^ (at * 151 + 91)))],
  ["zeros", (old) => Buffer.alloc(old.length)],
  ["another JSON", () => Buffer.from('{"format":1,"version":3,"resources":[{}],"sources":[],"lines":null}\n')],
  ["a JSON of a later format", () => Buffer.from('{"format":2,"sources":{},"version":"1","resources":"elsewhere"}\n')],
];

suite("State files", { concurrency: 2 }, () => {
  test("are all there to be damaged", async () => {
    const names = (await stateFiles(scene.machine)).map((path) => path.slice(scene.machine.root.length + 1)).toSorted();
    assert.deepEqual(
      names.filter((name) => !name.includes("/manifests/")),
      [
        "floor.json",
        "journal.jsonl",
        "last-check.json",
        "lock",
        "pins/1.json",
        "versions/1.json",
        "versions/2.json",
      ].map((name) => `var/lib/holdfast/${name}`),
    );
    assert.equal(names.filter((name) => name.includes("/manifests/")).length, 2);
  });

  for (const [what, damage] of garbage) {
    test(`all damaged at once, ${what}: nothing breaks`, async () => {
      const machine = await copyOfMachine();
      for (const path of await stateFiles(machine)) await writeFile(path, damage(await readFile(path)));
      await assertUnharmed(machine);
    });
  }

  for (const name of ["journal.jsonl", "lock", "versions/2.json"]) {
    test(`${name} alone cut in the middle: nothing breaks`, async () => {
      const machine = await copyOfMachine();
      const path = join(machine.root, "var/lib/holdfast", name);
      const old = await readFile(path);
      await writeFile(path, old.subarray(0, Math.ceil(old.length / 2)));
      await assertUnharmed(machine);
    });
  }

  test("all gone: nothing breaks", async () => {
    const machine = await copyOfMachine();
    await rm(join(machine.root, "var/lib/holdfast"), { recursive: true });
    await assertUnharmed(machine);
  });

  test("folders where files should be: nothing breaks, and the one in the way is named", async () => {
    const machine = await copyOfMachine();
    for (const path of await stateFiles(machine)) {
      if (path.endsWith("/lock")) continue;
      await rm(path);
      await mkdir(path);
    }
    const status = await holdfast(["status", "--root", machine.root]);
    assert.equal(status.code, 0, status.stderr);
    const update = await holdfast(["update", "--root", machine.root]);
    assert.equal(update.code, 1, update.stderr);
    assert.match(reason(update), /^Cannot replace \/var\/lib\/holdfast\/versions\/1\.json by \S+: it is a folder$/);
    const { broken, bootable } = await auditTree(machine, releases);
    assert.deepEqual([broken, bootable], [[], ["1", "2"]]);
  });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Place } from "../../domain/resource.ts";
import type { TarItem } from "../../port/decoder.ts";
import { type SimTarItem, simTar } from "../../sim/decoder/sim-decoder.ts";
import type { SimWorld } from "../../sim/machine.ts";
import { bareWorld, type SampleSession, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { copyTree, digestTree, discardTree, removeTree, unpackTree } from "./tree.ts";

const owner = { uid: 3, gid: 4, mtimeUs: 1_000_000n };
const place: Extract<Place, { kind: "tree" }> = { kind: "tree", path: "/apps/app_1", subvolume: false };

const folder = (path: string, mode = 0o755): SimTarItem => ({ kind: "folder", path, mode, ...owner });
const file = (path: string, text: string, mode = 0o644): SimTarItem => {
  const content = new TextEncoder().encode(text);
  return { kind: "file", path, mode, ...owner, sizeBytes: content.length, content };
};
const link = (path: string, target: string): SimTarItem => ({ kind: "symlink", path, target, uid: 0, gid: 0 });
const hard = (path: string, target: string): SimTarItem => ({ kind: "hardlink", path, target });

function items({ machine }: SampleSession, list: readonly SimTarItem[]): AsyncIterable<TarItem> {
  return machine.decoder.untar(
    (async function* () {
      yield simTar(list);
    })(),
  );
}

async function unpack(
  list: readonly SimTarItem[],
  world: SimWorld = bareWorld(),
): Promise<{ readonly digest: string; readonly world: SimWorld; readonly run: SampleSession }> {
  const run = sessionOn(world);
  return { digest: await unpackTree(run.session, items(run, list), place), world, run };
}

const sample: readonly SimTarItem[] = [
  folder("bin", 0o555),
  file("bin/tool", "tool", 0o4755),
  file("etc/deep/conf", "x"),
  link("lib", "usr/lib"),
  hard("bin/tool2", "bin/tool"),
  file("empty", ""),
];

test("an archive becomes a tree, with modes and owners, durably, and its digest is what is read back", async () => {
  const { digest, world, run } = await unpack(sample);
  assert.equal(await digestTree(run.session, place.path), digest);
  assert.deepEqual(undecided(world), ["names in /apps"], "but for its hidden name, which a later rename flushes");
  const { disk } = run.machine;
  const stat = await disk.stat(`${place.path}/bin/tool`);
  assert.deepEqual([stat?.mode, stat?.uid, stat?.gid, stat?.mtimeUs, stat?.links], [0o4755, 3, 4, 1_000_000n, 2]);
  assert.equal((await disk.stat(`${place.path}/bin`))?.mode, 0o555);
  assert.equal(await disk.readLink(`${place.path}/lib`), "usr/lib");
});

test("the digest is the same for the same tree in any order, and another for any difference", async () => {
  const one = (await unpack([folder("a"), file("a/x", "1"), file("b", "2")])).digest;
  assert.equal((await unpack([file("b", "2"), folder("a"), file("a/x", "1")])).digest, one);
  const others: readonly (readonly SimTarItem[])[] = [
    [folder("a"), file("a/x", "9"), file("b", "2")],
    [folder("a", 0o700), file("a/x", "1"), file("b", "2")],
    [folder("a"), file("a/x", "1", 0o600), file("b", "2")],
    [folder("a"), file("a/y", "1"), file("b", "2")],
    [folder("a"), file("a/x", "1"), file("b", "2"), folder("c")],
    [folder("a"), file("a/x", "1"), link("b", "a/x")],
  ];
  const digests = await Promise.all(others.map(async (list) => (await unpack(list)).digest));
  assert.equal(new Set([one, ...digests]).size, others.length + 1);
});

test("a change of a file on the medium changes the digest", async () => {
  const { digest, world, run } = await unpack(sample);
  world.tree.corrupt(`${place.path}/etc/deep/conf`, 0);
  assert.notEqual(await digestTree(run.session, place.path), digest);
});

const hostile: readonly (readonly [sentence: string, list: readonly SimTarItem[]])[] = [
  ["through a link of its own", [link("out", "/etc"), file("out/passwd", "evil")]],
  ["through a link to a folder in it", [folder("a"), link("b", "a"), file("b/x", "evil")]],
  ["below a file", [file("a", "1"), file("a/b", "2")]],
  ["over a folder", [folder("a"), file("a/x", "1"), file("a", "2")]],
  ["as a hard link to what is outside", [link("out", "/etc"), hard("mine", "out/passwd")]],
];
for (const [sentence, list] of hostile) {
  test(`an archive that writes ${sentence} is refused, and nothing outside changes`, async () => {
    const world = bareWorld({ "/etc/passwd": "root" });
    const before = world.tree.stamp("/etc/passwd");
    await assert.rejects(unpack(list, world), { name: "Fault" });
    assert.equal(world.tree.stamp("/etc/passwd"), before);
    assert.deepEqual(world.tree.namesIn("/etc"), ["passwd"]);
  });
}

test("of two items of one name the later counts, as with tar", async () => {
  const { digest } = await unpack([file("a", "1"), file("a", "2")]);
  assert.equal(digest, (await unpack([file("a", "2")])).digest);
});

test("a tree is copied with its links and modes, and the copy has the digest of the original", async () => {
  const { digest, world, run } = await unpack(sample);
  const target = { ...place, path: "/apps/app_2" };
  assert.equal(await copyTree(run.session, place.path, target), digest);
  assert.equal(await digestTree(run.session, target.path), digest);
  assert.deepEqual(undecided(world), ["names in /apps"]);
});

test("a tree goes whole, read-only or not, and one that is not there is gone", async () => {
  for (const remove of [removeTree, discardTree]) {
    const { world, run } = await unpack(sample);
    await run.machine.disk.setReadOnly(place.path, true);
    await remove(run.session, place.path);
    await remove(run.session, place.path);
    assert.deepEqual(world.tree.namesIn("/apps"), []);
    assert.deepEqual(
      undecided(world).filter((what) => !what.includes("removed")),
      [],
    );
  }
});

test("a tree on the ESP goes, too, although FAT knows no flags", async () => {
  const world = bareWorld({ "/efi/EFI/Linux/os_1.efi.extra.d/a.addon.efi": "a" });
  await removeTree(sessionOn(world).session, "/efi/EFI/Linux/os_1.efi.extra.d");
  assert.deepEqual(world.tree.namesIn("/efi/EFI/Linux"), []);
});

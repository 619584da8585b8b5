import assert from "node:assert/strict";
import { test } from "node:test";
import { toBytes } from "../../base/text.ts";
import { Content } from "../../sim/disk/content.ts";
import { bareWorld, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { listIfThere, makeFolders, readSmall, readText, removeIfThere, writeDurably } from "./small-file.ts";

const path = "/var/lib/holdfast/a.json";
const fault = (code: string): { readonly code: string } => ({ code });

test("a file is read whole, an absent one is undefined", async () => {
  const { disk } = sessionOn(bareWorld({ "/a": "text", "/empty": "" })).machine;
  assert.equal(await readText(disk, "/a"), "text");
  assert.equal(await readText(disk, "/empty"), "");
  assert.equal(await readText(disk, "/none"), undefined);
  assert.equal(await readSmall(disk, "/no/folder"), undefined);
  assert.equal(await readSmall(disk, "/a/below-a-file"), undefined);
});

test("a file that is too large, no text, or cannot be read is a Fault", async () => {
  const world = bareWorld({ "/large": Content.zeros(11), "/bytes": Uint8Array.of(0xff, 0xfe), "/a": "text" });
  const { disk } = sessionOn(world, {}, [{ name: "open", subject: "/a", code: "io-error" }]).machine;
  await assert.rejects(readSmall(disk, "/large", 10), {
    code: "too-large",
    message: "Cannot read /large: it has 11 bytes, more than the 10 allowed",
  });
  assert.equal((await readSmall(disk, "/large", 11))?.length, 11);
  await assert.rejects(readText(disk, "/bytes"), fault("not-text"));
  await assert.rejects(readText(disk, "/a"), fault("io-error"));
});

test("what is written durably is there after any crash, old or new, whole", async () => {
  const world = bareWorld({ [path]: "old" });
  const { machine } = sessionOn(world);
  await writeDurably(machine.disk, machine.entropy, path, "new");
  assert.equal(await readText(machine.disk, path), "new");
  assert.deepEqual(world.tree.namesIn("/var/lib/holdfast"), ["a.json"]);
  assert.deepEqual(undecided(world), [], "nothing is left that a crash could decide");
});

test("a write that fails leaves the old file and nothing beside it", async () => {
  for (const name of ["write", "sync", "replace"]) {
    const world = bareWorld({ [path]: "old" });
    const { machine } = sessionOn(world, {}, [{ port: "disk", name, code: "no-space" }]);
    await assert.rejects(writeDurably(machine.disk, machine.entropy, path, "new"), fault("no-space"), name);
    assert.equal(await readText(machine.disk, path), "old", name);
    assert.deepEqual(world.tree.namesIn("/var/lib/holdfast"), ["a.json"], name);
  }
});

test("folders are made one by one, each durable, and one that is there already is none to make", async () => {
  const world = bareWorld();
  const { disk } = sessionOn(world).machine;
  await makeFolders(disk, "/var/lib/holdfast/versions");
  await makeFolders(disk, "/var/lib/holdfast/versions");
  await makeFolders(disk, "/");
  assert.deepEqual(world.tree.namesIn("/var/lib/holdfast"), ["versions"]);
  assert.deepEqual(undecided(world), []);
});

test("removing and listing what is absent is no failure, anything else is", async () => {
  const world = bareWorld({ "/a/file": toBytes("x") });
  const { disk } = sessionOn(world, {}, [
    { name: "list", subject: "/a", code: "io-error" },
    { name: "remove", subject: "/a/file", code: "read-only" },
  ]).machine;
  await removeIfThere(disk, "/a/none");
  assert.deepEqual(await listIfThere(disk, "/none"), []);
  assert.deepEqual(await listIfThere(disk, "/a/file"), []);
  await assert.rejects(listIfThere(disk, "/a"), fault("io-error"));
  await assert.rejects(removeIfThere(disk, "/a/file"), fault("read-only"));
  await removeIfThere(disk, "/a/file");
  assert.deepEqual((await listIfThere(disk, "/a")).length, 0);
});

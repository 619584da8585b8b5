import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../base/fault.ts";
import { parseChecksums } from "../format/checksums.ts";
import { Content } from "../sim/disk/content.ts";
import type { SimWorld } from "../sim/machine.ts";
import { addRelease } from "./add.ts";
import { commitStaged } from "./commit.ts";
import { filesBelow } from "./files.ts";
import { initRepository } from "./init.ts";
import { pruneRepository } from "./prune.ts";
import {
  bytesAt,
  contentsOf,
  folder,
  indexIn,
  publisherOn,
  publisherWorld,
  releaseIn,
  settings,
} from "../sim/publisher/sample-publisher.ts";
import { verifyRepository } from "./verify.ts";
import { withdrawRelease } from "./withdraw.ts";

const refuses = (work: Promise<unknown>, code: string, kind: string = "refused"): Promise<void> =>
  assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof Fault, String(error));
    assert.deepEqual([error.code, error.kind], [code, kind], error.message);
    assert.match(error.message, /^Cannot /);
    assert.ok(error.hint !== undefined && error.hint !== "");
    return true;
  });

async function worldWith(...versions: readonly string[]): Promise<SimWorld> {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  for (const version of versions) await publish(world, version);
  return world;
}

async function publish(world: SimWorld, version: string): Promise<void> {
  await addRelease(publisherOn(world), releaseIn(world, version));
  await commitStaged(publisherOn(world), false);
}

const listed = (world: SimWorld): readonly string[] => [
  ...parseChecksums(bytesAt(world, "SHA256SUMS") ?? new Uint8Array()).entries.keys(),
];
const files = (world: SimWorld): Promise<readonly string[]> => filesBelow(publisherOn(world).machine.disk, folder);
const states = (world: SimWorld): readonly string[] =>
  indexIn(world).releases.map(({ version, state }) => `${version} ${state}`);
const findings = async (world: SimWorld): Promise<readonly string[]> =>
  (await verifyRepository(publisherOn(world), 100)).findings.map(({ file }) => file);

test("an empty repository is signed, lists nothing, and is made once", async () => {
  const world = publisherWorld();
  const report = await initRepository(publisherOn(world), settings);
  assert.deepEqual({ ...report, expires: "" }, { folder, serial: 1, expires: "", keys: 1, fingerprint: "ABCD" });
  assert.deepEqual(await files(world), [".holdfast/repository.json", "SHA256SUMS", "SHA256SUMS.gpg", "holdfast.json"]);
  assert.deepEqual(indexIn(world).releases, []);
  await refuses(initRepository(publisherOn(world), settings), "repository-exists");
  await refuses(initRepository(publisherOn(world), { ...settings, deltas: 5 }), "repository-exists");
});

test("what is the publisher's own is read by nobody else, where an init before left it open too", async () => {
  const world = publisherWorld();
  const { disk } = publisherOn(world).machine;
  for (const open of [false, true]) {
    const at = { ...publisherOn(world), folder: `/srv/${open}` };
    if (open) {
      await disk.makeFolder(at.folder);
      await disk.makeFolder(`${at.folder}/.holdfast`);
    }
    await initRepository(at, settings);
    const mode = async (path: string): Promise<number | undefined> => (await disk.stat(path))?.mode;
    assert.deepEqual([await mode(`${at.folder}/.holdfast`), await mode(at.folder)], [0o700, 0o755]);
  }
});

test("what an init left that could not sign is made anew, with other settings too; a lost index is not", async () => {
  const world = publisherWorld();
  const other = { ...settings, key: { kind: "file", path: "/other" } } as const;
  await refuses(initRepository(publisherOn(world), other), "signature-not-ours", "failed");
  await initRepository(publisherOn(world), settings);
  await publish(world, "1");
  world.tree.uproot(`${folder}/holdfast.json`);
  await refuses(initRepository(publisherOn(world), settings), "index-missing");
  await refuses(commitStaged(publisherOn(world), true), "index-missing", "failed");
});

test("a folder in which somebody else publishes is not taken over", async () => {
  const world = publisherWorld();
  world.tree.plant(`${folder}/SHA256SUMS`, Content.text(""));
  await refuses(initRepository(publisherOn(world), settings), "folder-in-use");
});

test("what is added is seen by nobody, what is committed by everybody", async () => {
  const world = await worldWith("1");
  const before = [indexIn(world), listed(world)];
  const report = await addRelease(publisherOn(world), releaseIn(world, "2"));
  assert.deepEqual(
    report.resources.map(({ name, role }) => [name, role]),
    [
      ["os_2.erofs", "image"],
      ["os_2.efi", "entry"],
    ],
  );
  assert.deepEqual([indexIn(world), listed(world)], before);
  const committed = await commitStaged(publisherOn(world), false);
  assert.deepEqual([committed.versions, committed.serial], [["2"], 3]);
  assert.deepEqual(states(world), ["1 offered", "2 offered"]);
  assert.deepEqual(listed(world), ["os_1.efi", "os_1.erofs", "os_2.efi", "os_2.erofs"]);
  assert.deepEqual(await findings(world), []);
});

test("only what is new of a release goes into its packs", async () => {
  const world = await worldWith("1");
  const { packs } = await addRelease(publisherOn(world), releaseIn(world, "2"));
  assert.equal(packs.length, 1);
  assert.ok((packs[0]?.sizeBytes ?? 0) < 5000);
});

test("adding the same again changes nothing, adding another under that version is refused", async () => {
  const world = await worldWith();
  await addRelease(publisherOn(world), releaseIn(world, "1"));
  assert.equal((await addRelease(publisherOn(world), releaseIn(world, "1"))).already, true);
  const other = releaseIn(world, "1", contentsOf("1", 30_000));
  await refuses(addRelease(publisherOn(world), other), "already-staged");
});

test("a byte of the source that is read wrong once is never staged", async () => {
  const source = contentsOf("2")["os_2.erofs"] ?? new Uint8Array();
  let refused = 0;
  for (let after = 0; after < 8; after++) {
    const world = await worldWith("1");
    const fault = {
      name: "read",
      subject: "/build/os_2.erofs",
      code: "io-error",
      instead: "wrong-byte",
      after,
    } as const;
    const publisher = publisherOn(world, [fault]);
    await addRelease(publisher, releaseIn(world, "2")).catch(() => (refused += 1));
    const staged = world.tree.peek(`${folder}/.holdfast/staging/2/files/os_2.erofs`);
    assert.ok(
      staged === undefined || (staged instanceof Content && staged.equals(Content.of(source))),
      `read ${after}`,
    );
  }
  assert.ok(refused >= 2);
});

test("several staged releases are published together, and then there is nothing to commit", async () => {
  const world = await worldWith();
  for (const version of ["1", "2"]) await addRelease(publisherOn(world), releaseIn(world, version));
  assert.deepEqual((await commitStaged(publisherOn(world), false)).versions, ["1", "2"]);
  await refuses(commitStaged(publisherOn(world), false), "nothing-staged", "nothing");
});

test("an index is signed for another term on demand, and never dates back", async () => {
  const world = await worldWith("1");
  const before = indexIn(world);
  world.clock.set(world.clock.nowMs() - 10 * 86_400_000);
  await commitStaged(publisherOn(world), true);
  const { serial, created, releases } = indexIn(world);
  assert.deepEqual([serial, created, releases], [before.serial + 1, before.created, before.releases]);
});

test("a withdrawn release is said to be so, listed no more, and its files stay until they are pruned", async () => {
  const world = await worldWith("1", "2");
  const report = await withdrawRelease(publisherOn(world), "2");
  assert.deepEqual([report.was, report.newest], ["offered", "1"]);
  assert.deepEqual(states(world), ["1 offered", "2 withdrawn"]);
  assert.deepEqual(listed(world), ["os_1.efi", "os_1.erofs"]);
  assert.ok((await files(world)).includes("os_2.erofs"));
  await refuses(withdrawRelease(publisherOn(world), "2"), "withdrawn-already", "nothing");
  await refuses(withdrawRelease(publisherOn(world), "7"), "no-such-release", "failed");
  await refuses(addRelease(publisherOn(world), releaseIn(world, "2")), "version-not-newer");
  await pruneRepository(publisherOn(world), { keep: 1, graceDays: 0 });
  assert.deepEqual(states(world), ["1 offered", "2 withdrawn"]);
  assert.equal((await files(world)).includes("os_2.erofs"), false);
  assert.deepEqual(await findings(world), []);
});

test("withdrawing what is only staged drops it", async () => {
  const world = await worldWith("1");
  const before = await files(world);
  await addRelease(publisherOn(world), releaseIn(world, "2"));
  assert.equal((await withdrawRelease(publisherOn(world), "2")).was, "staged");
  const left = (await files(world)).filter((path) => !before.includes(path));
  assert.ok(left.every((path) => path.startsWith("chunks/default.castr/")));
  assert.equal(indexIn(world).serial, 2);
  assert.deepEqual(await findings(world), []);
});

test("what is staged and damaged can be taken back, and is in nobody's way then", async () => {
  const world = await worldWith("1");
  await addRelease(publisherOn(world), releaseIn(world, "2"));
  world.tree.plant(`${folder}/.holdfast/staging/2/files/releases/2.json`, Content.text("{}"));
  await refuses(commitStaged(publisherOn(world), false), "staging-damaged", "failed");
  assert.equal((await withdrawRelease(publisherOn(world), "2")).was, "staged");
  await publish(world, "2");
  assert.deepEqual(await findings(world), []);
});

test("what is staged and taken back takes no file along that lay in its place before", async () => {
  const world = await worldWith("1");
  const { "os_2.erofs": image = new Uint8Array() } = contentsOf("2");
  world.tree.plant(`${folder}/os_2.erofs`, Content.of(image));
  await addRelease(publisherOn(world), releaseIn(world, "2"));
  await withdrawRelease(publisherOn(world), "2");
  assert.deepEqual(bytesAt(world, "os_2.erofs"), image);
});

test("prune leaves what is needed, and the rest for a grace", async () => {
  const world = await worldWith("1", "2", "3");
  const report = await pruneRepository(publisherOn(world), { keep: 2, graceDays: undefined });
  assert.deepEqual([report.kept, report.dropped, report.removed.files], [["2", "3"], ["1"], 0]);
  assert.ok(report.waiting.files > 0);
  assert.ok((await files(world)).includes("os_1.erofs"));
  world.clock.set(world.clock.nowMs() + 6 * 86_400_000);
  assert.equal((await pruneRepository(publisherOn(world), { keep: 2, graceDays: undefined })).removed.files, 0);
  world.clock.set(world.clock.nowMs() + 86_400_000);
  const later = await pruneRepository(publisherOn(world), { keep: 2, graceDays: undefined });
  assert.ok(later.removed.files > 0);
  const left = await files(world);
  assert.equal(left.includes("os_1.erofs"), false);
  // What 2 and 3 have of it is in the pack of 1.
  assert.equal(left.includes("chunks/1-pack-1.pack"), true);
  assert.deepEqual(await findings(world), []);
});

test("prune leaves what is staged, and files of others", async () => {
  const world = await worldWith("1");
  world.tree.plant(`${folder}/index.html`, Content.text("hello"));
  await addRelease(publisherOn(world), releaseIn(world, "2"));
  await pruneRepository(publisherOn(world), { keep: 1, graceDays: 0 });
  assert.ok((await files(world)).includes("index.html"));
  await commitStaged(publisherOn(world), false);
  assert.deepEqual(await findings(world), []);
});

test("prune refuses to leave nothing", async () => {
  const world = await worldWith("1");
  await refuses(pruneRepository(publisherOn(world), { keep: 0, graceDays: 0 }), "prunes-everything");
  await withdrawRelease(publisherOn(world), "1");
  await refuses(pruneRepository(publisherOn(world), { keep: 1, graceDays: 0 }), "prunes-everything");
});

test("one publisher at a time", async () => {
  const world = await worldWith("1");
  const publisher = publisherOn(world);
  await using held = await publisher.machine.lock.acquire(`${folder}/.holdfast/lock`, "repo commit", 0);
  void held;
  await refuses(pruneRepository(publisher, { keep: 1, graceDays: 0 }), "busy", "busy");
  await refuses(addRelease(publisher, releaseIn(world, "2")), "busy", "busy");
});

test("a program that signs with another key publishes nothing", async () => {
  const world = await worldWith("1");
  const before = [bytesAt(world, "holdfast.json"), bytesAt(world, "SHA256SUMS")];
  world.tree.plant(
    `${folder}/.holdfast/repository.json`,
    Content.text(JSON.stringify({ ...settings, key: { kind: "file", path: "/other" } })),
  );
  await addRelease(publisherOn(world), releaseIn(world, "2"));
  await refuses(commitStaged(publisherOn(world), false), "signature-not-ours", "failed");
  assert.deepEqual([bytesAt(world, "holdfast.json"), bytesAt(world, "SHA256SUMS")], before);
});

test("verify finds what is missing, cut off, changed, unsigned, expired, or told differently", async () => {
  const world = await worldWith("1", "2");
  const damage = async (change: (world: SimWorld) => void): Promise<readonly string[]> => {
    const damaged = world.fork();
    change(damaged);
    return findings(damaged);
  };
  const flip = (name: string) => (damaged: SimWorld) => {
    const bytes = Uint8Array.from(bytesAt(damaged, name) ?? []);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    damaged.tree.plant(`${folder}/${name}`, Content.of(bytes));
  };
  const chunk = (await files(world)).find((path) => path.endsWith(".cacnk")) ?? "";
  for (const name of [
    "os_1.erofs",
    "os_2.efi",
    "releases/2.json",
    "chunks/1-pack-1.pack",
    "chunks/os_2.erofs.map",
    chunk,
  ])
    assert.deepEqual(await damage(flip(name)), [name], name);
  assert.deepEqual(await damage(({ tree }) => tree.uproot(`${folder}/os_1.efi`)), ["os_1.efi"]);
  assert.deepEqual(await damage(({ tree }) => tree.uproot(`${folder}/SHA256SUMS.gpg`)), ["SHA256SUMS.gpg"]);
  assert.deepEqual(await damage(flip("SHA256SUMS")), ["SHA256SUMS"]);
  const days = (count: number) => (damaged: SimWorld) => damaged.clock.set(damaged.clock.nowMs() + count * 86_400_000);
  assert.deepEqual(await damage(days(80)), ["holdfast.json"]);
  assert.deepEqual(await damage(days(100)), ["holdfast.json"]);
  const unsigned = world.fork();
  flip("holdfast.json")(unsigned);
  await assert.rejects(findings(unsigned), Fault);
});

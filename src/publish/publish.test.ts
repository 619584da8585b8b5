import assert from "node:assert/strict";
import { test } from "node:test";
import { parseChecksums, staleSince } from "../format/checksums.ts";
import { Fault } from "../base/fault.ts";
import { formatSignedText, parseSignedText } from "../format/signed-text.ts";
import type { Signer } from "../port/signer.ts";
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
import { Content } from "../sim/disk/content.ts";
import { simSha256 } from "../sim/scenario/sample-index.ts";
import type { SimWorld } from "../sim/machine.ts";
import { addRelease } from "./add.ts";
import { commitStaged } from "./commit.ts";
import { initRepository } from "./init.ts";
import { pruneRepository } from "./prune.ts";
import { keyringOf } from "./settings.ts";

const dayMs = 86_400_000;

/** When index and pair were signed. */
async function signedAt(world: SimWorld): Promise<readonly number[]> {
  const { verifier } = publisherOn(world).machine;
  const bytes = (name: string): Uint8Array => bytesAt(world, name) ?? new Uint8Array();
  const index = parseSignedText("it", bytes("holdfast.json"));
  const pair = { text: bytes("SHA256SUMS"), signature: bytes("SHA256SUMS.gpg") };
  const times = [];
  for (const { text, signature } of [index, pair])
    times.push((await verifier.verify(text, signature, keyringOf(settings), 0)).signedAtMs);
  return times;
}

test("what follows is signed no earlier than what machines have, though the clock went back", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const before = await signedAt(world);
  world.clock.set(world.clock.nowMs() - 10 * dayMs);
  await commitStaged(publisherOn(world), true);
  assert.equal(indexIn(world).serial, 2);
  assert.ok(Math.min(...(await signedAt(world))) >= Math.max(...before));
});

test("a program that signs for an earlier day publishes nothing", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const key = { kind: "command", argv: ["/key"] } as const;
  world.tree.plant(`${folder}/.holdfast/repository.json`, Content.text(JSON.stringify({ ...settings, key })));
  world.clock.set(world.clock.nowMs() - 10 * dayMs);
  await assert.rejects(commitStaged(publisherOn(world), true), { code: "clock-behind" });
  assert.equal(indexIn(world).serial, 1);
  world.clock.set(world.clock.nowMs() + 11 * dayMs);
  await commitStaged(publisherOn(world), true);
  assert.equal(indexIn(world).serial, 2);
});

test("the pair is good no longer than the index", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const list = parseChecksums(bytesAt(world, "SHA256SUMS") ?? new Uint8Array());
  const day = indexIn(world).expires.slice(0, 10);
  assert.equal(staleSince(list, Date.parse(day)), undefined);
  assert.equal(staleSince(list, Date.parse(day) + 1), day);
  assert.deepEqual(
    list.bestBefore.map(({ sha256 }) => sha256),
    [simSha256(new Uint8Array())],
  );
});

test("an index that somebody else signed is not gone on with", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const { signer } = publisherOn(world).machine;
  const { text } = parseSignedText("it", bytesAt(world, "holdfast.json") ?? new Uint8Array());
  const signature = await signer.sign({ kind: "file", path: "/other" }, text, 0);
  world.tree.plant(`${folder}/holdfast.json`, Content.of(formatSignedText({ text, signature })));
  await assert.rejects(commitStaged(publisherOn(world), true), { code: "index-not-ours" });
});

test("nothing becomes visible where only the index could be signed", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const publisher = publisherOn(world);
  const { signer } = publisher.machine;
  let signed = 0;
  const once: Signer = {
    ...signer,
    sign: async (key, text, atMs) => {
      signed += 1;
      if (signed > 1) throw new Fault("cannot-sign", "Cannot sign: the token was taken out");
      return signer.sign(key, text, atMs);
    },
  };
  const machine = { ...publisher.machine, signer: once };
  await assert.rejects(commitStaged({ ...publisher, machine }, true), { code: "cannot-sign" });
  assert.equal(signed, 2);
  assert.equal(indexIn(world).serial, 1);
});

test("a signature for other clients that does not fit is made anew", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  world.tree.plant(`${folder}/SHA256SUMS.gpg`, Content.text("no signature"));
  const { finished } = await commitStaged(publisherOn(world), true);
  assert.equal(finished, true);
  await signedAt(world);
});

test("where a run was ended before it flushed the places of a release, the next one flushes them", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  await addRelease(publisherOn(world), releaseIn(world, "1"));
  world.restart();
  // The last one of its files stays where it was.
  const waiting = `${folder}/.holdfast/staging/1/files/releases/1.json`;
  const fails = { port: "disk", name: "rename", subject: waiting, code: "io-error" } as const;
  await assert.rejects(commitStaged(publisherOn(world, [fails]), false), { code: "io-error" });
  // Whatever another one flushes, it is not this.
  const last = { ...fails, name: "replace", subject: `${folder}/.holdfast/next/holdfast.json` };
  await assert.rejects(commitStaged(publisherOn(world, [last]), false), { code: "io-error" });
  const dimensions = world.crashDimensions();
  const all = dimensions.map(({ options }) => options.length - 1);
  for (const [at, { what, options }] of dimensions.entries())
    for (const pick of options.keys()) {
      const found = world.afterCrash(all.with(at, pick));
      assert.ok(bytesAt(found, "chunks/1-pack-1.pack") !== undefined, `${what}: ${options[pick]}`);
    }
});

/** 1 is published, and 2 staged. */
async function withStaged(): Promise<SimWorld> {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  await addRelease(publisherOn(world), releaseIn(world, "1"));
  await commitStaged(publisherOn(world), false);
  await addRelease(publisherOn(world), releaseIn(world, "2"));
  return world;
}

test("a release whose staged bytes are others by now is not published", async () => {
  const world = await withStaged();
  world.tree.corrupt(`${folder}/.holdfast/staging/2/files/os_2.erofs`, 5_000);
  await assert.rejects(commitStaged(publisherOn(world), false), { code: "read-back-differs" });
  assert.equal(indexIn(world).serial, 2);
});

test("a file of somebody else's in the place of one that is to be published stays", async () => {
  const world = await withStaged();
  const other = Content.text("somebody else's");
  world.tree.plant(`${folder}/os_2.erofs`, other);
  await assert.rejects(commitStaged(publisherOn(world), false), { code: "published-otherwise" });
  assert.deepEqual(bytesAt(world, "os_2.erofs"), other.bytes());
  assert.equal(indexIn(world).serial, 2);
});

test("nothing is pruned around a release that stays and whose manifest cannot be read", async () => {
  const world = await withStaged();
  world.tree.plant(`${folder}/releases/1.json`, Content.text("{}"));
  await assert.rejects(pruneRepository(publisherOn(world), { keep: 1, graceDays: 0 }), Fault);
  assert.equal(indexIn(world).serial, 2);
  assert.ok(bytesAt(world, "chunks/1-pack-1.pack") !== undefined);
});

test("chunks that an add had written which was not finished are flushed by the next one", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  world.restart();
  const request = releaseIn(world, "1");
  const pack = `${folder}/.holdfast/staging/1/files/chunks/1-pack-1.pack`;
  const fails = { port: "disk", name: "sync", subject: pack, code: "io-error" } as const;
  await assert.rejects(addRelease(publisherOn(world, [fails]), request), { code: "io-error" });
  const store = `${folder}/chunks/default.castr`;
  const chunks = (now: SimWorld): number =>
    now.tree.namesIn(store).reduce((sum, name) => sum + now.tree.namesIn(`${store}/${name}`).length, 0);
  const written = chunks(world);
  assert.ok(written > 3);
  await addRelease(publisherOn(world), request);
  const dimensions = world.crashDimensions();
  const all = dimensions.map(({ options }) => options.length - 1);
  for (const [at, { what, options }] of dimensions.entries())
    for (const pick of options.keys())
      assert.equal(chunks(world.afterCrash(all.with(at, pick))), written, `${what}: ${options[pick]}`);
});

test("whatever a power cut takes after an init, nobody else may read the publisher's own folder", async () => {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  const dimensions = world.crashDimensions();
  const all = dimensions.map(({ options }) => options.length - 1);
  for (const [at, { what, options }] of dimensions.entries())
    for (const pick of options.keys()) {
      const found = world.afterCrash(all.with(at, pick));
      const own = await publisherOn(found).machine.disk.stat(`${folder}/.holdfast`);
      assert.equal((own?.mode ?? 0) & 0o777, 0o700, `${what}: ${options[pick]}`);
    }
});

test("a delta that the medium has with other bytes is not staged", async () => {
  const world = publisherWorld();
  const { chunks: _, ...withoutChunks } = settings;
  await initRepository(publisherOn(world), withoutChunks);
  await addRelease(publisherOn(world), releaseIn(world, "1", contentsOf("1", 70_000)));
  await commitStaged(publisherOn(world), false);
  const path = `${folder}/.holdfast/staging/2/files/deltas/os_2.erofs-from-os_1.erofs.delta`;
  const rots = { port: "disk", name: "sync", subject: path, code: "io-error", instead: "rot" } as const;
  const request = releaseIn(world, "2", contentsOf("2", 70_000));
  await assert.rejects(addRelease(publisherOn(world, [rots]), request), { code: "read-back-differs" });
});

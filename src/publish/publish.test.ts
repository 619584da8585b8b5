import assert from "node:assert/strict";
import { test } from "node:test";
import { parseChecksums, staleSince } from "../format/checksums.ts";
import { parseSignedText } from "../format/signed-text.ts";
import { bytesAt, folder, indexIn, publisherOn, publisherWorld, settings } from "../sim/publisher/sample-publisher.ts";
import { Content } from "../sim/disk/content.ts";
import { simSha256 } from "../sim/scenario/sample-index.ts";
import type { SimWorld } from "../sim/machine.ts";
import { commitStaged } from "./commit.ts";
import { initRepository } from "./init.ts";
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

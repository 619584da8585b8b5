import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSignedText } from "../format/signed-text.ts";
import { bytesAt, folder, indexIn, publisherOn, publisherWorld, settings } from "../sim/publisher/sample-publisher.ts";
import { Content } from "../sim/disk/content.ts";
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

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256 } from "../../base/ids.ts";
import type { Place } from "../../domain/resource.ts";
import { bareWorld, sessionOn, undecided } from "../../sim/scenario/session.fixture.ts";
import { forgetPartial, readPartial, savePartial } from "./partial.ts";

const digest = parseSha256("ab".repeat(32));
const slot: Place = { kind: "partition", device: "/dev/sda", number: 2, sizeBytes: 100 };
const path = `/var/lib/holdfast/staging/${digest.slice(0, 16)}.json`;

test("how far a partition is filled is known to who asks for the same bytes in the same place", async () => {
  const world = bareWorld();
  const { session } = sessionOn(world);
  assert.equal(await readPartial(session, digest, slot), 0);
  await savePartial(session, digest, slot, 50);
  await savePartial(session, digest, slot, 70);
  assert.deepEqual(undecided(world), []);
  assert.equal(await readPartial(session, digest, slot), 70);
  assert.equal(await readPartial(session, digest, { ...slot, number: 3 }), 0);
  assert.equal(await readPartial(session, digest, { ...slot, device: "/dev/sdb" }), 0);
  assert.equal(await readPartial(session, parseSha256("ab".repeat(31) + "cd"), slot), 0);
  await forgetPartial(session, digest);
  await forgetPartial(session, digest);
  assert.equal(await readPartial(session, digest, slot), 0);
});

test("a record that is damaged or cannot be read costs a fresh download and nothing else", async () => {
  const good = JSON.stringify({ format: 1, sha256: digest, place: slot, bytes: 5 });
  for (const text of [
    "",
    "{",
    good.replace("5", "-5"),
    good.replace('"format":1', '"format":2'),
    Uint8Array.of(0xff),
  ]) {
    assert.equal(await readPartial(sessionOn(bareWorld({ [path]: text })).session, digest, slot), 0);
  }
  assert.equal(await readPartial(sessionOn(bareWorld({ [path]: good })).session, digest, slot), 5);
  const failing = sessionOn(bareWorld({ [path]: good }), {}, [{ name: "open", code: "io-error" }]);
  assert.equal(await readPartial(failing.session, digest, slot), 0);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256 } from "../../base/ids.ts";
import type { Hasher } from "../../port/digest.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { Content } from "../../sim/disk/content.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import type { PlannedFault } from "../../sim/fault-plan.ts";
import { PieceWriter } from "./piece-writer.ts";

const mebi = 1024 * 1024;

/** Feeds `content` in pieces of `pieceBytes` to a writer that begins at `position`. */
async function write(
  content: Content,
  pieceBytes: number,
  { position = 0, before = Content.empty, restartAt = -1, faults = [] as readonly PlannedFault[] } = {},
): Promise<{
  readonly held: Content;
  readonly digest: string;
  readonly flushed: readonly number[];
  readonly position: number;
}> {
  const world = bareWorld({ "/file": before });
  const { session, machine } = sessionOn(world, {}, faults);
  const flushed: number[] = [];
  await using file = await machine.disk.open("/file", "modify");
  const hasher = simDigest.sha256();
  hasher.update(before.slice(0, position).bytes());
  const writer = new PieceWriter(session, file, hasher, position, async (done) => void flushed.push(done));
  for (let at = position; at < content.sizeBytes; at += pieceBytes) {
    if (at === restartAt) {
      await writer.restart();
      at = 0;
      restartAt = -1;
    }
    await writer.append(content.slice(at, at + pieceBytes).bytes());
  }
  await writer.drain();
  return { held: world.tree.peek("/file") as Content, digest: writer.digest(), flushed, position: writer.position };
}

function digestOf(content: Content): string {
  const hasher = simDigest.sha256();
  hasher.update(content.bytes());
  return hasher.finish();
}

const content = Content.pattern(3, mebi + 77);

for (const pieceBytes of [100_000, mebi - 1, mebi, mebi + 1, 4 * mebi]) {
  test(`pieces of ${pieceBytes} bytes arrive whole, in order and hashed`, async () => {
    const { held, digest, flushed, position } = await write(content, pieceBytes);
    assert.ok(held.equals(content));
    assert.deepEqual([digest, position, flushed], [digestOf(content), content.sizeBytes, [content.sizeBytes]]);
  });
}

test("it goes on where an earlier run stopped", async () => {
  const { held, digest } = await write(content, 65_536, { position: 65_536, before: content.slice(0, 65_536) });
  assert.ok(held.equals(content));
  assert.equal(digest, digestOf(content));
});

test("begun again at the first byte it forgets what came before", async () => {
  const { held, digest } = await write(content, 65_536, { restartAt: 65_536 * 12 });
  assert.ok(held.equals(content));
  assert.equal(digest, digestOf(content));
});

test("nothing at all is nothing, flushed", async () => {
  const { held, digest, flushed } = await write(Content.empty, 1);
  assert.deepEqual([held.sizeBytes, digest, flushed], [0, digestOf(Content.empty), [0]]);
});

test("it flushes now and then, so that a power cut costs little", async () => {
  const { session, machine } = sessionOn(bareWorld({ "/file": "" }));
  const flushed: number[] = [];
  await using file = await machine.disk.open("/file", "modify");
  const unhashed: Hasher = { update: () => {}, finish: () => parseSha256("0".repeat(64)) };
  const writer = new PieceWriter(session, file, unhashed, 0, async (done) => void flushed.push(done));
  for (let count = 0; count < 65; count++) await writer.append(new Uint8Array(mebi));
  await writer.drain();
  assert.deepEqual(flushed, [64 * mebi, 65 * mebi]);
});

test("a write that fails is told at the latest when all is drained, and claims no flush", async () => {
  for (const after of [0, 1]) {
    await assert.rejects(write(content, mebi, { faults: [{ name: "write", after, code: "no-space" }] }), {
      code: "no-space",
    });
  }
  await assert.rejects(write(content, mebi, { faults: [{ name: "sync", code: "io-error" }] }), {
    code: "flush-failed",
  });
});

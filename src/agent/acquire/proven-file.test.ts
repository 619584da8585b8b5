import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { flawOf } from "../../sim/check/truth.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { Content } from "../../sim/disk/content.ts";
import { buildNamed, type SampleOptions, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { updateMachine } from "../command/update.ts";
import { withProvenFile } from "./proven-file.ts";

const packed: readonly (Pick<SampleOptions, "layout"> & Partial<SampleOptions>)[] = [
  { layout: "files", compression: "zst" },
  { layout: "slots", compression: "xz" },
  { layout: "trees" },
  { layout: "subvolumes" },
];
for (const options of packed) {
  test(`what is unpacked from other bytes than were proven is not installed: ${JSON.stringify(options)}`, async () => {
    const sample = sampleMachine({ seed: 1, installed: ["1"], offered: ["1", "2"], ...options });
    const first = sessionOn(sample.world.fork());
    const calls: number[] = [];
    first.gate.beforeCall = ({ name, subject, number }) => {
      if (name === "read" && subject.includes(".holdfast-")) calls.push(number);
    };
    await updateMachine(first.session);
    assert.ok(calls.length > 0);
    const codes = new Set<string>();
    for (const call of calls) {
      const world = sample.world.fork();
      const misread = { call, code: "io-error", instead: "wrong-byte" } as const;
      const broken = await updateMachine(sessionOn(world, {}, [misread]).session).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (broken !== undefined) {
        // An entry that reads back otherwise is not named: that is no matter of trying again at once.
        assert.ok(broken instanceof Fault && (broken.retriable || broken.code === "read-back-differs"), `call ${call}`);
        codes.add(broken.code);
        await updateMachine(sessionOn(world).session);
      }
      for (const part of buildNamed(sample, "2").parts) assert.equal(flawOf(world, part), undefined, `call ${call}`);
    }
    assert.ok(codes.has("misread"), [...codes].join());
  });
}

test("what a decoder leaves unread counts too, and what it says of misread bytes is not believed", async () => {
  const path = "/var/image.xz";
  const content = Content.pattern(1, 3_000_000);
  const hasher = simDigest.sha256();
  hasher.update(content.bytes());
  const proven = { path, sha256: hasher.finish() };
  const world = bareWorld({ [path]: content });
  const readsLittle = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
    for await (const _ of bytes) return "enough";
    return "nothing";
  };
  const refuses = async (bytes: AsyncIterable<Uint8Array>): Promise<string> => {
    await readsLittle(bytes);
    throw new Fault("not-compressed", "Cannot decompress: the data is damaged");
  };
  const { session } = sessionOn(world.fork());
  assert.equal(await withProvenFile(session, proven, readsLittle), "enough");
  await assert.rejects(withProvenFile(session, proven, refuses), { code: "not-compressed" });
  for (const after of [0, 1, 2]) {
    for (const work of [readsLittle, refuses]) {
      const misread = { name: "read", after, code: "io-error", instead: "wrong-byte" } as const;
      const { session: unlucky } = sessionOn(world.fork(), {}, [misread]);
      await assert.rejects(withProvenFile(unlucky, proven, work), { code: "misread", retriable: true });
    }
  }
});

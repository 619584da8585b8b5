import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Content } from "./content.ts";

test("content reads back what was laid over it, as a plain array does", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ offset: fc.nat(200), bytes: fc.uint8Array({ maxLength: 80 }) }), { maxLength: 12 }),
      fc.nat(300),
      (writes, sizeBytes) => {
        let content = Content.empty;
        let plain: number[] = [];
        for (const { offset, bytes } of writes) {
          content = content.with(offset, Content.of(bytes));
          if (bytes.length > 0) {
            while (plain.length < offset) plain.push(0);
            plain.splice(offset, bytes.length, ...bytes);
          }
        }
        assert.deepEqual([...content.bytes()], plain);
        plain = plain.slice(0, sizeBytes);
        while (plain.length < sizeBytes) plain.push(0);
        assert.deepEqual([...content.resized(sizeBytes).bytes()], plain);
        assert.deepEqual([...content.slice(20, 60).bytes()], [...content.bytes()].slice(20, 60));
      },
    ),
  );
});

test("a pattern copied in chunks of any size is one pattern again", () => {
  const original = Content.pattern(42, 100_000);
  for (const chunkBytes of [17, 64, 1000, 4096, 65536]) {
    let copy = Content.empty;
    for (let at = 0; at < original.sizeBytes; at += chunkBytes) {
      const bytes = new Uint8Array(Math.min(chunkBytes, original.sizeBytes - at));
      original.readInto(at, bytes);
      copy = copy.with(at, Content.of(bytes));
    }
    assert.equal(copy.sizeBytes, 100_000);
    if (chunkBytes >= 32) assert.equal(copy.key(), original.key(), `chunks of ${chunkBytes}`);
    assert.deepEqual(copy.slice(1, 5000).bytes(), original.slice(1, 5000).bytes());
  }
});

test("half a terabyte of pattern costs nothing until it is read", () => {
  const huge = Content.pattern(7, 2 ** 39);
  const end = new Uint8Array(64);
  assert.equal(huge.with(5, Content.text("x")).readInto(2 ** 39 - 32, end), 32);
});

test("equal bytes have equal keys, others do not", () => {
  assert.ok(Content.text("abcdef").equals(Content.join(Content.text("abc"), Content.text("def"))));
  assert.ok(!Content.text("abcdef").equals(Content.text("abcdeg")));
  assert.ok(!Content.pattern(1, 100).equals(Content.pattern(2, 100)));
  assert.ok(Content.zeros(10).equals(Content.of(new Uint8Array(10))));
});

test("equal bytes have equal keys in whatever pieces they were written, zeros among them", () => {
  const piece = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.nat(50).map((size) => new Uint8Array(size)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const whole = Uint8Array.from(pieces.flatMap((one) => [...one]));
      assert.equal(Content.join(...pieces.map((one) => Content.of(one))).key(), Content.of(whole).key());
    }),
  );
  const start = Content.pattern(5, 1000);
  const pieces = [start.slice(0, 10), start.slice(10, 900), start.slice(900)].map((one) => Content.of(one.bytes()));
  assert.equal(Content.join(...pieces).key(), start.key());
});

test("what is left of bytes with a wrong one, and then written on, is the same as what was never wrong", () => {
  const whole = Content.pattern(7, 9_000);
  const spoilt = whole.bytes();
  spoilt[8_000] = (spoilt[8_000] ?? 0) ^ 0xff;
  const torn = Content.of(spoilt).slice(0, 4_608);
  assert.ok(torn.with(4_608, whole.slice(4_608)).equals(whole));
});

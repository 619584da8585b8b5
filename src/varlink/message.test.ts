import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { messageBytes, messageBytesMax, MessageReader, readCall } from "./message.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test("messages come out whole, however they were cut", () => {
  const texts = ['{"method":"a.B"}', "", '{"text":"päckchen"}'];
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 12 }), (cuts) => {
      const whole = bytes(texts.map((text) => `${text}\0`).join(""));
      const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])];
      const reader = new MessageReader();
      const pieces = places.toSorted((a, b) => a - b);
      const found = pieces.slice(1).flatMap((end, at) => reader.push(whole.slice(pieces[at], end)));
      assert.deepEqual(found, texts);
      assert.equal(reader.pendingBytes, 0);
    }),
  );
});

test("a piece of a message is kept although the buffer that it came in is used again", () => {
  const reader = new MessageReader();
  const buffer = bytes('{"method":');
  reader.push(buffer);
  buffer.fill(0x20);
  assert.deepEqual(reader.push(bytes('"a.B"}\0')), ['{"method":"a.B"}']);
});

test("what is too long or no UTF-8 is refused as soon as that is seen", () => {
  const refused: readonly (readonly [string, Uint8Array])[] = [
    ["longer than", new Uint8Array(messageBytesMax + 1).fill(0x20)],
    ["not UTF-8", new Uint8Array([0x22, 0xff, 0x22, 0])],
    ["not UTF-8", new Uint8Array([0xed, 0xa0, 0x80, 0])],
    ["not UTF-8", new Uint8Array([0xc0, 0xaf, 0])],
  ];
  for (const [state, hostile] of refused)
    assert.throws(() => new MessageReader().push(hostile), { code: "bad-message", message: new RegExp(state) });
  assert.equal(new MessageReader().push(new Uint8Array(messageBytesMax).fill(0x20)).length, 0);
});

test("a call is read with all that it may say", () => {
  const plain = { parameters: {}, more: false, oneway: false, upgrade: false };
  const read: readonly (readonly [string, object])[] = [
    ['{"method":"a.B"}', { ...plain, method: "a.B" }],
    [' {"method" : "a.B" , "parameters" : null}\n', { ...plain, method: "a.B" }],
    ['{"method":"","more":false,"oneway":true}', { ...plain, method: "", oneway: true }],
    [
      '{"method":"a","parameters":{"x":["p",":q","\\":"]},"more":true}',
      { ...plain, method: "a", more: true, parameters: { x: ["p", ":q", '":'] } },
    ],
    ['{"method":"a","upgrade":true}', { ...plain, method: "a", upgrade: true }],
  ];
  for (const [text, call] of read) assert.deepEqual(readCall(text), call);
});

test("what is no call is refused, and said why", () => {
  const refused: Readonly<Record<string, string>> = {
    "": "not JSON",
    x: "not JSON",
    '{"method":"a"}x': "not JSON",
    "\ufeff{}": "not JSON",
    "[]": "no JSON object",
    null: "no JSON object",
    '"x"': "no JSON object",
    "{}": "names no method",
    '{"method":1}': "names no method",
    '{"method":"a","parameters":[]}': "parameters are no object",
    '{"method":"a","parameters":"x"}': "parameters are no object",
    '{"method":"a","foo":1}': 'unknown field "foo"',
    '{"method":"a","__proto__":1}': 'unknown field "__proto__"',
    '{"method":"a","more":1}': "more is neither",
    '{"method":"a","oneway":null}': "oneway is neither",
    '{"method":"a","more":true,"oneway":true}': "several replies and none",
    '{"method":"a","method":"b"}': "occurs twice",
    '{"method":"a","m\\u0065thod":"b"}': "occurs twice",
    '{"method":"a","parameters":{"x":{"y":1,"y":1}}}': "occurs twice",
    '{"method":"\\ud800"}': "no Unicode text",
    [`{"method":"a","parameters":{"x":${"[".repeat(40)}${"]".repeat(40)}}}`]: "nested deeper",
  };
  for (const [text, state] of Object.entries(refused))
    assert.throws(
      () => readCall(text),
      (error) => error instanceof Fault && error.message.includes(state),
      text,
    );
});

test("any call that is written is read as it was", () => {
  const call = fc.record({
    method: fc.string({ unit: "grapheme" }),
    parameters: fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ maxDepth: 4, stringUnit: "grapheme" })),
  });
  fc.assert(
    fc.property(call, ({ method, parameters }) => {
      const [text = ""] = new MessageReader().push(messageBytes({ method, parameters }));
      const read = readCall(text);
      assert.deepEqual([read.method, JSON.stringify(read.parameters)], [method, JSON.stringify(parameters)]);
    }),
  );
});

test("any bytes are calls or a Fault", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      try {
        for (const text of new MessageReader().push(any)) readCall(text);
      } catch (error) {
        assert.ok(error instanceof Fault && error.code === "bad-message");
      }
    }),
  );
});

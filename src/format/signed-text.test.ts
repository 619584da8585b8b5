import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { formatSignedText, parseSignedText } from "./signed-text.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

test("text and signature are one file", () => {
  const written = formatSignedText({ text: encode('{"a":"ü"}\n'), signature: Uint8Array.of(0, 255) });
  assert.equal(new TextDecoder().decode(written), '{"format":1,"signed":"{\\"a\\":\\"ü\\"}\\n","signature":"AP8="}\n');
});

test("what was signed comes back byte for byte", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 50 }), fc.uint8Array(), (text, signature) => {
      const signed = { text: encode(text), signature };
      assert.deepEqual(parseSignedText("it", formatSignedText(signed)), signed);
    }),
  );
});

test("an envelope of another format, or without its parts, is refused", () => {
  for (const [text, state] of [
    ["{}", 'has no whole number "format"'],
    ['{"format":2}', "has an envelope of another format"],
    ['{"format":1,"signature":""}', 'has no text "signed" of at most 16777216 characters'],
    ['{"format":1,"signed":"","signature":"?"}', "has a signature that is no base64"],
  ] as const)
    assert.throws(() => parseSignedText("the index", encode(text)), {
      code: "release-file-damaged",
      message: `Cannot read the release file: the index ${state}`,
    });
});

test("any bytes are a signed text or a Fault", () => {
  const envelopes = fc
    .record({ format: fc.constantFrom(1, 2), signed: fc.jsonValue(), signature: fc.jsonValue() })
    .map((value) => encode(JSON.stringify(value)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), envelopes), (bytes) => {
      try {
        parseSignedText("it", bytes);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});

test("an envelope of many small things is refused before it is parsed; texts may have what they like", () => {
  const text = encode(JSON.stringify({ list: Array.from({ length: 1000 }, () => ({ a: ['"\\', "["] })) }));
  const signed = { text, signature: Uint8Array.of(1, 2) };
  assert.deepEqual(parseSignedText("it", formatSignedText(signed)), signed);
  const rest = '"format":1,"signed":"a","signature":""';
  const keys = Array.from({ length: 100 }, (_, at) => `"${at}":1,`).join("");
  for (const many of [`"x":[${"{},".repeat(100)}0],`, `"x":${"[".repeat(100)}${"]".repeat(100)},`, keys])
    assert.throws(() => parseSignedText("it", encode(`{${many}${rest}}`)), { message: /has too many parts/ });
  assert.equal(parseSignedText("it", encode(`{"later":{"x":[1,2]},${rest}}`)).text.length, 1);
});

// What every Digest must do, as tests: the published vectors of FIPS 180-4 and RFC 4231, in one piece and in many.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Digest } from "./digest.ts";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");

const vectors: readonly (readonly [name: string, message: Uint8Array, sha256: string])[] = [
  ["nothing", text(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["abc", text("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  [
    "a million times a",
    new Uint8Array(1_000_000).fill(0x61),
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  ],
];

export function digestContract(name: string, make: () => Digest): void {
  describe(`${name} keeps the Digest contract`, () => {
    for (const [what, message, sha256] of vectors) {
      test(`the SHA-256 of ${what} is the published one, however it is cut`, () => {
        for (const pieceBytes of [1_000_000, 65_537, 999]) {
          const hasher = make().sha256();
          for (let offset = 0; offset < message.length; offset += pieceBytes)
            hasher.update(message.subarray(offset, offset + pieceBytes));
          assert.equal(hasher.finish(), sha256);
        }
      });
    }

    test("a hasher copies what it is given", () => {
      const hasher = make().sha256();
      const piece = text("abc");
      hasher.update(piece);
      piece.fill(0);
      assert.equal(hasher.finish(), vectors[1]?.[2]);
    });

    test("the HMAC is that of RFC 4231, cases 2 and 6", () => {
      assert.equal(
        hex(make().hmacSha256(text("Jefe"), text("what do ya want for nothing?"))),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
      );
      assert.equal(
        hex(
          make().hmacSha256(
            new Uint8Array(131).fill(0xaa),
            text("Test Using Larger Than Block-Size Key - Hash Key First"),
          ),
        ),
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
      );
    });
  });
}

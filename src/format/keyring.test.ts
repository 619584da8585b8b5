import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { splitKeyring } from "./keyring.ts";

const key = (content: number): number[] => [0xc6, 2, content, content];
const user = [0xcd, 1, 0x61];
const trust = [0xb0, 2, 0, 0];
const blocksOf = (bytes: Uint8Array): number[][] => splitKeyring(bytes).blocks.map((block) => [...block]);

const armor = (bytes: readonly number[], headers = ""): string =>
  `-----BEGIN PGP PUBLIC KEY BLOCK-----\n${headers}\n${btoa(String.fromCharCode(...bytes))}\n=abcd\n-----END PGP PUBLIC KEY BLOCK-----\n`;

function keybox(...blobs: readonly { type: number; block: readonly number[] }[]): Uint8Array {
  const bytes: number[] = [0, 0, 0, 32, 1, 1, 0, 2, 0x4b, 0x42, 0x58, 0x66, ...Array.from({ length: 20 }, () => 0)];
  for (const { type, block } of blobs)
    bytes.push(
      0,
      0,
      0,
      20 + block.length + 4,
      type,
      1,
      0,
      0,
      0,
      0,
      0,
      20,
      0,
      0,
      0,
      block.length,
      9,
      9,
      9,
      9,
      ...block,
      9,
      9,
      9,
      9,
    );
  return Uint8Array.from(bytes);
}

test("a binary keyring is split by primary key, without trust packets", () => {
  const bytes = Uint8Array.from([...key(1), ...trust, ...user, ...key(2)]);
  assert.equal(splitKeyring(bytes).kind, "binary");
  assert.deepEqual(blocksOf(bytes), [[...key(1), ...user], key(2)]);
});

test("packets of every length format are walked", () => {
  const packets = [
    [0xc6, 192, 0, ...Array.from({ length: 192 }, () => 7)],
    [0xc6, 255, 0, 0, 0, 1, 7],
    [0x98, 1, 7],
    [0x99, 0, 1, 7],
    [0x9a, 0, 0, 0, 1, 7],
  ];
  assert.deepEqual(blocksOf(Uint8Array.from(packets.flat())), packets);
});

test("armored blocks are read, several in one file too", () => {
  const text = `Key of A\n${armor([...key(1), ...user], "Comment: x\n")}\n${armor(key(2))}`;
  const bytes = new TextEncoder().encode(text);
  assert.equal(splitKeyring(bytes).kind, "armored");
  assert.deepEqual(blocksOf(bytes), [[...key(1), ...user], key(2)]);
  assert.deepEqual(blocksOf(new TextEncoder().encode(text.replaceAll("\n", "\r\n"))), [[...key(1), ...user], key(2)]);
});

test("a keybox gives its OpenPGP keys and passes over the rest", () => {
  const bytes = keybox(
    { type: 2, block: key(1) },
    { type: 3, block: [1, 2] },
    { type: 0, block: [1] },
    { type: 2, block: key(2) },
  );
  assert.equal(splitKeyring(bytes).kind, "keybox");
  assert.deepEqual(blocksOf(bytes), [key(1), key(2)]);
});

test("what is no keyring is refused by name", () => {
  for (const [bytes, code] of [
    [[], "keyring-empty"],
    [[...user], "keyring-empty"],
    [[...keybox()], "keyring-empty"],
    [[0x3c, 0x68], "keyring-unknown"],
    [[0xc6, 9, 1], "keyring-damaged"],
    [[...key(1), 0x00], "keyring-damaged"],
    [[0xc6, 0xe1, 1], "keyring-damaged"],
    [[0x9b, 1], "keyring-damaged"],
    [[0xc5, 1, 1], "keyring-damaged"],
    [keybox({ type: 2, block: key(1) }).slice(0, -1), "keyring-damaged"],
    [[...keybox({ type: 2, block: key(1) }), 1, 2], "keyring-damaged"],
    [[...new TextEncoder().encode(armor(key(1)).replace("xg", "!!"))], "keyring-damaged"],
  ] as const)
    assert.throws(() => splitKeyring(Uint8Array.from(bytes)), { code }, bytes.join());
  assert.throws(() => splitKeyring(new Uint8Array((16 << 20) + 1)), { code: "keyring-too-large" });
});

test("any bytes are a keyring or a Fault", () => {
  const real = [...keybox({ type: 2, block: [...key(1), ...user] })];
  const changed = fc.array(fc.tuple(fc.nat(real.length - 1), fc.nat(255)), { maxLength: 4 }).map((edits) => {
    const bytes = Uint8Array.from(real);
    for (const [at, value] of edits) bytes[at] = value;
    return bytes;
  });
  const armored = fc
    .string({ maxLength: 40 })
    .map((text) => new TextEncoder().encode(armor(key(1)).replace("=abcd", text)));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array(), changed, armored), (bytes) => {
      try {
        splitKeyring(bytes);
      } catch (error) {
        assert.ok(error instanceof Fault);
      }
    }),
  );
});

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { classOf } from "./tree-class.ts";

const bytes = Buffer.alloc(64 << 10, "what was published, ");
const published = [{ name: "os_2.erofs", sha256: createHash("sha256").update(bytes).digest("hex"), bytes }];
const withHole = Buffer.from(bytes).fill(0, 8192, 12288);
const withDamage = Buffer.from(bytes).fill(1, 8192, 12288);

const classes: readonly (readonly [string, Buffer, string])[] = [
  ["an image as published", bytes, "os_2.erofs"],
  ["an empty file", Buffer.alloc(0), "empty"],
  ["a file of zeros", Buffer.alloc(9000), "zero"],
  ["the beginning of an image", bytes.subarray(0, 30_000), "part of os_2.erofs"],
  ["an image with a block that never came", withHole, "holes of os_2.erofs"],
  ["an image with a wrong block", withDamage, "other bytes"],
];

for (const [what, found, name] of classes)
  test(`${what} is of the class "${name}"`, () => {
    assert.equal(classOf(".holdfast-0123456789abcdef", found, published), name);
  });

test("small files are told apart by every byte, journals by their end", () => {
  const [one, two] = [Buffer.from('{"format":1}\n'), Buffer.from('{"format":2}\n')];
  assert.notEqual(classOf("1.json", one, published), classOf("1.json", two, published));
  assert.equal(
    classOf("journal.jsonl", one, published),
    classOf("journal.jsonl", Buffer.concat([one, two]), published),
  );
  assert.equal(classOf("journal.jsonl", one.subarray(0, 5), published), "a torn line");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { countersName, instrument } from "../../fuzz/engine/instrument.ts";
import { dictionaryOf, mutate } from "../../fuzz/engine/mutate.ts";
import { SeededRandom } from "../../src/base/random.ts";

const source = `
function grade(n, fallback = n > 5 ? "high" : "low") {
  if (n === 0) return "none"; else if (n < 0) return "less";
  for (const word of ["a", "b"]) if (word === n) return word;
  switch (n) { case 7: case 8: { return "lucky"; } default: }
  try { if (n === 9) throw new Error("nine"); } catch (error) { return error.message; }
  return (() => fallback && (n ?? 1, { fallback }).fallback)();
}
`;
const values = [0, -1, "a", 7, 8, 9, 6, 1, undefined];

function graded(code: string, counters: Uint8Array): readonly unknown[] {
  return values.map((value) =>
    runInNewContext(`${code};grade(${JSON.stringify(value)})`, { [countersName]: counters }),
  );
}

test("instrumented code does what it did before, and counts every edge it takes", () => {
  const { code, end, functions, words, numbers } = instrument(source, "module", 3);
  const counters = new Uint8Array(end);
  assert.deepEqual(graded(code, counters), graded(source, counters.slice()));
  assert.deepEqual(functions.get("grade"), { first: 3, end });
  assert.deepEqual([...counters.subarray(0, 3)], [0, 0, 0]);
  assert.ok(counters.subarray(3).every((count) => count > 0));
  assert.ok(words.has("lucky") && numbers.has(9));
  assert.equal(code.split("\n").length, source.split("\n").length);
});

test("edges that were not taken are not counted", () => {
  const { code, end } = instrument(source, "module", 0);
  const counters = new Uint8Array(end);
  runInNewContext(`${code};grade(0)`, { [countersName]: counters });
  assert.ok(counters.filter((count) => count > 0).length < end / 3);
});

test("one seed makes the same inputs, none longer than is allowed", () => {
  const made = [1, 1, 2].map((seed) => {
    const random = new SeededRandom(seed);
    const other = (): Uint8Array => new Uint8Array([1, 2, 3]);
    const how = { random, dictionary: dictionaryOf(["magic"], [0x4d5a]), lengthMax: 64, other };
    return Array.from({ length: 500 }, () =>
      Buffer.from(mutate(Buffer.from("a line\nand 25 more\n"), how)).toString("hex"),
    );
  });
  assert.deepEqual(made[0], made[1]);
  assert.notDeepEqual(made[0], made[2]);
  assert.ok(made[0]?.every((hex) => hex.length <= 128));
  assert.ok(made[0]?.some((hex) => hex.includes(Buffer.from("magic").toString("hex"))));
});

test("a number is known in decimal and as bytes in both orders", () => {
  const hex = dictionaryOf([], [0x4d5a]).map((bytes) => Buffer.from(bytes).toString("hex"));
  assert.deepEqual(hex, [Buffer.from("19802").toString("hex"), "4d5a", "5a4d"]);
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { SeededRandom } from "../base/random.ts";
import { countChoices, type CrashDimension, crashChoices } from "./crash-choices.ts";

const dimensions = (...sizes: number[]): CrashDimension[] =>
  sizes.map((size, index) => ({ what: `${index}`, options: Array.from({ length: size }, (_, option) => `${option}`) }));

test("all combinations come once when the bound allows", () => {
  const choices = [...crashChoices(dimensions(2, 3, 2), 12, new SeededRandom(1))].map((picks) => picks.join(""));
  assert.equal(choices.length, 12);
  assert.equal(new Set(choices).size, 12);
});

test("nothing pending has one outcome", () => {
  assert.deepEqual([...crashChoices([], 5, new SeededRandom(1))], [[]]);
});

test("beyond the bound come nothing, everything, and others without repetition", () => {
  const many = dimensions(3, 3, 3, 3, 3, 3, 3, 3);
  assert.equal(countChoices(many), 6561);
  const choices = [...crashChoices(many, 100, new SeededRandom(1))].map((picks) => picks.join(""));
  assert.deepEqual(choices.slice(0, 2), ["00000000", "22222222"]);
  assert.equal(choices.length, 100);
  assert.equal(new Set(choices).size, 100);
});

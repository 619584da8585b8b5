import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { parseSha256 } from "../base/ids.ts";
import {
  type DeltaGroup,
  type DeltaRecipe,
  type DeltaStep,
  deltaLimits,
  formatDeltaPrefix,
  formatRecipe,
  parseDeltaPrefix,
  parseRecipe,
} from "./delta-file.ts";

const sha256 = parseSha256("ab".repeat(32));
const refused = { code: "delta-damaged" };

function group(steps: readonly DeltaStep[], over: Partial<DeltaGroup> = {}): DeltaGroup {
  return { references: [], steps, section: { length: 5, sha256 }, ...over };
}

function recipe(groups: readonly DeltaGroup[], over: Partial<DeltaRecipe> = {}): DeltaRecipe {
  const targetBytes = groups.flatMap(({ steps }) => steps).reduce((sum, { length }) => sum + length, 0);
  const encoders = [{ level: 3, windowLog: 19 }];
  return { oldBytes: 100_000_000, targetBytes, encoders, sampleSha256: sha256, groups, ...over };
}

const plain = (length: number): DeltaStep => ({ kind: "plain", length });
const whole = recipe([
  group([plain(7), { kind: "encode", plainLength: 9000, length: 4096, encoder: 0 }], {
    references: [
      { offset: 4096, length: 8192, plainLength: 20_000 },
      { offset: 0, length: 100, plainLength: 0 },
    ],
  }),
  group([plain(3), { kind: "copy", offset: 99_999_000, length: 1000 }]),
]);

test("a recipe comes back as it was written", () => {
  assert.deepEqual(parseRecipe(formatRecipe(whole)), whole);
});

const copied: DeltaStep = { kind: "copy", offset: 0, length: 1 };
const reference = { offset: 0, length: 10, plainLength: 0 };
const { dictionaryBytes, plainBytes, producedBytes, clusterBytes, sectionBytes } = deltaLimits;
const encode = (plainLength: number, length: number, encoder = 0): DeltaStep => ({
  kind: "encode",
  plainLength,
  length,
  encoder,
});
const damages: readonly (readonly [string, DeltaRecipe])[] = [
  ["bytes behind the old file's end", recipe([group([plain(1), { kind: "copy", offset: 99_999_999, length: 2 }])])],
  ["bytes before its beginning", recipe([group([plain(1), { kind: "copy", offset: -1, length: 2 }])])],
  ["a reference outside", recipe([group([plain(1)], { references: [{ ...reference, offset: 99_999_999 }] })])],
  ["a reference to nothing", recipe([group([plain(1)], { references: [{ ...reference, length: 0 }] })])],
  ["too much to read", recipe([group([plain(1)], { references: [{ ...reference, length: dictionaryBytes + 1 }] })])],
  [
    "too much to decode",
    recipe([group([plain(1)], { references: [{ ...reference, plainLength: dictionaryBytes + 1 }] })]),
  ],
  ["too many plain bytes", recipe([group([plain(plainBytes), plain(1)])])],
  ["a plain step that is too long to count", recipe([group([plain(2 ** 45)])])],
  [
    "too many bytes made",
    recipe([group(Array.from({ length: producedBytes / clusterBytes + 1 }, () => encode(1, clusterBytes)))]),
  ],
  ["a large cluster", recipe([group([encode(1, clusterBytes + 1)])])],
  ["an encoder that is not there", recipe([group([encode(1, 1, 1)])])],
  ["a step that does nothing", recipe([group([plain(1), encode(0, 1)])])],
  ["a section for copies", recipe([group([copied])])],
  ["no section for plain bytes", recipe([group([plain(1)], { section: { length: 0, sha256 } })])],
  ["references for copies", recipe([group([copied], { references: [reference], section: { length: 0, sha256 } })])],
  ["a large section", recipe([group([plain(1)], { section: { length: sectionBytes + 1, sha256 } })])],
  ["more than its target", recipe([group([plain(2)])], { targetBytes: 1 })],
  ["less than its target", recipe([group([plain(2)])], { targetBytes: 3 })],
  ["level 0", recipe([], { encoders: [{ level: 0, windowLog: 19 }] })],
  ["level 23", recipe([], { encoders: [{ level: 23, windowLog: 19 }] })],
  ["a huge window", recipe([], { encoders: [{ level: 3, windowLog: 31 }] })],
  ["nine encoders", recipe([], { encoders: Array.from({ length: 9 }, () => ({ level: 3, windowLog: 19 })) })],
];
for (const [what, damaged] of damages)
  test(`a recipe with ${what} is refused`, () => {
    assert.throws(() => parseRecipe(formatRecipe(damaged)), refused);
  });

test("counts that no file can hold are refused before anything is made of them", () => {
  const steps = Array.from({ length: deltaLimits.steps + 1 }, () => copied);
  const many = recipe([group(steps, { section: { length: 0, sha256 } })]);
  assert.throws(() => parseRecipe(formatRecipe(many)), refused);
  const references = Array.from({ length: deltaLimits.references + 1 }, () => ({ ...reference, length: 1 }));
  assert.throws(() => parseRecipe(formatRecipe(recipe([group([plain(1)], { references })]))), refused);
  assert.throws(() => parseRecipe(new Uint8Array(deltaLimits.recipeBytes + 1)), refused);
});

test("a prefix tells the length of the recipe, and refuses what is no delta, newer or too large", () => {
  assert.equal(parseDeltaPrefix(formatDeltaPrefix(70_000)), 70_000);
  assert.throws(() => parseDeltaPrefix(new Uint8Array(12)), /it does not begin like one/);
  assert.throws(() => parseDeltaPrefix(formatDeltaPrefix(1).subarray(0, 11)), /it ends early/);
  assert.throws(() => parseDeltaPrefix(formatDeltaPrefix(1).with(7, 2)), /it has a newer format/);
  assert.throws(() => parseDeltaPrefix(formatDeltaPrefix(deltaLimits.recipeBytes + 1)), refused);
});

test("any bytes, and any change to a recipe, are a recipe or a Fault", () => {
  const good = formatRecipe(whole);
  const changed = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => good.with(at, byte));
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), changed), (bytes) => {
      try {
        const { groups, oldBytes } = parseRecipe(bytes);
        for (const { references } of groups)
          for (const { offset, length } of references) assert.ok(offset >= 0 && offset + length <= oldBytes);
      } catch (error) {
        assert.ok(error instanceof Fault, String(error));
      }
    }),
    { numRuns: 500 },
  );
});

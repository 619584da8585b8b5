import { test } from "node:test";
import * as fc from "fast-check";
import { loadTargets } from "./targets.ts";

/** Any bytes, and bytes that are nearly right: a stored input with a few of its ranges replaced. */
function inputs(known: readonly Uint8Array[], lengthMax: number): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      gone: fc.nat(8),
      fresh: fc.uint8Array({ maxLength: 8 }),
    }),
    { maxLength: 4 },
  );
  const nearly = fc.tuple(fc.constantFrom(...known), edits).map(([bytes, changes]) => {
    let made = Buffer.from(bytes);
    for (const { at, gone, fresh } of changes) {
      const from = Math.floor(at * made.length);
      made = Buffer.concat([made.subarray(0, from), fresh, made.subarray(from + gone)]);
    }
    return new Uint8Array(made.subarray(0, lengthMax));
  });
  return fc.oneof({ arbitrary: fc.uint8Array({ maxLength: 256 }), weight: 1 }, { arbitrary: nearly, weight: 4 });
}

for (const { target, seeds, corpus } of await loadTargets()) {
  test(`${target.name}: any bytes decode or are refused by a Fault`, async () => {
    await fc.assert(
      fc.asyncProperty(inputs([...seeds, ...corpus], target.lengthMax ?? 2048), async (bytes) => {
        await target.run(bytes);
      }),
      { numRuns: 1000 },
    );
  });
}

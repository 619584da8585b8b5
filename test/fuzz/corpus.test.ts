import assert from "node:assert/strict";
import { test } from "node:test";
import { loadTargets } from "./targets.ts";

for (const { target, seeds, corpus } of await loadTargets()) {
  test(`${target.name}: every stored input decodes or is refused`, async () => {
    assert.ok(seeds.length > 0 && corpus.length > 0);
    for (const bytes of [new Uint8Array(), ...seeds, ...corpus]) await target.run(bytes);
  });
}

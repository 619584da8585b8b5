import assert from "node:assert/strict";
import { test } from "node:test";
import { hashState, OwnStates, SharedStates, type StateSet } from "./state-set.ts";

const sets: readonly (readonly [string, () => StateSet])[] = [
  ["its own", () => new OwnStates()],
  ["a shared", () => SharedStates.make(5000)],
];

for (const [kind, make] of sets) {
  test(`${kind} set takes each name once`, () => {
    const states = make();
    const names = Array.from({ length: 5000 }, (_, index) => `state ${index}`);
    assert.equal(names.filter((name) => states.add(hashState(name, 1))).length, 5000);
    assert.equal(names.filter((name) => states.add(hashState(name, 1))).length, 0);
    assert.equal(states.add(hashState("state 1", 2)), true, "another scenario has states of its own");
  });
}

test("what one worker has taken is taken for the other, and a full set takes nothing", () => {
  const one = SharedStates.make(4);
  const other = new SharedStates(one.buffer);
  assert.equal(one.add({ low: 1, high: 0 }), true);
  assert.equal(other.add({ low: 1, high: 0 }), false);
  const taken = Array.from({ length: 40 }, (_, index) => other.add({ low: 9, high: index }));
  assert.equal(taken.filter(Boolean).length, 7);
});

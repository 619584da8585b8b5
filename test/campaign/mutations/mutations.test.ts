import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { findings } from "./hunt.ts";
import { removals } from "./list.ts";
import { chosen, huntAll } from "./part.ts";
import { type Removal, staleness } from "./removal.ts";
import { ownScenarios, scenarios } from "./scenarios.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const flush = /(?:\.sync|\.syncFolder|(?<!#|function |async )\bflush)\(/g;
/** A few, another few with another seed: the campaign takes them all, and those that nothing has found yet. */
const found = removals.filter(({ open }) => open !== true);
const how = { seed: 20260301, scenarios: [], statesPerCrash: 32, crashes: 1, maxStates: 400, secondsMax: 60 };
const seed = Number(process.env["SEED"] ?? Math.floor(Date.now() / 86_400_000));

function flushesIn(text: string): readonly number[] {
  return [...text.matchAll(flush)].map(({ index }) => index);
}

/** Where the one flush is that a removal takes away; nothing where it takes none, or more than one. */
function taken(text: string, { from, to }: Removal): readonly number[] {
  const inside = flushesIn(from);
  if (inside.length !== 1 || flushesIn(to).length !== 0) return [];
  return [text.indexOf(from) + (inside[0] ?? 0)];
}

describe("the list of removals", () => {
  test("fits the product: each text is there once, and what is left without it is still a program", async () => {
    const stale = await Promise.all(removals.map(staleness));
    assert.deepEqual(
      stale.filter((why) => why !== undefined),
      [],
    );
  });

  test("names each removal once, and finders that exist", async () => {
    const keys = removals.map(({ file, what }) => `${file}: ${what}`);
    assert.deepEqual(
      keys.filter((key, index) => keys.indexOf(key) !== index),
      [],
    );
    const names = new Set(scenarios.map(({ name }) => name));
    assert.equal(names.size, scenarios.length);
    for (const { scenario, unitTest, what } of removals) {
      assert.ok(scenario === undefined || names.has(scenario), `${what}: no scenario is called ${scenario}`);
      if (unitTest !== undefined) await readFile(join(root, unitTest.file));
    }
  });

  test("holds every flush of the agent and of the publisher: a new one comes with its removal", async () => {
    for await (const path of glob(["src/{agent,publish}/**/*.ts", "src/delta/chunk/chunk-store.ts"], { cwd: root })) {
      if (path.endsWith(".test.ts") || path.endsWith("acquire/flush.ts")) continue;
      const text = await readFile(join(root, path), "utf8");
      const own = removals.filter(({ file }) => path === `src/${file}`);
      const held = new Set(own.flatMap((removal) => taken(text, removal)));
      for (const at of flushesIn(text)) {
        const line = text.slice(0, at).split("\n").length;
        assert.ok(held.has(at), `${path}:${line} flushes, and no removal takes that away`);
      }
    }
  });
});

test(`a few of the scenarios, chosen likewise, find nothing where nothing is removed`, async () => {
  const own = chosen(ownScenarios, seed, 4 / ownScenarios.length).map(({ name }) => name);
  assert.deepEqual(await findings({ ...how, scenarios: own }), []);
});

test(`a few of the removals, chosen by the day or SEED=${seed}, are found by what found them before`, async () => {
  const outcomes = await huntAll(chosen(found, seed, 8 / found.length), how, () => {});
  assert.deepEqual(
    outcomes.filter(({ foundBy }) => foundBy === undefined).map(({ removal }) => removal.what),
    [],
  );
});

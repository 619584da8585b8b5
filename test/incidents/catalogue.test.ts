// Every incident has its test in this folder or says what it waits for, and none has both.
import assert from "node:assert/strict";
import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { incidents } from "./catalogue.ts";

test("every incident has its test, or says what it waits for", async () => {
  const tested = new Set<string>();
  for await (const file of glob("*.test.ts", { cwd: import.meta.dirname })) {
    const text = await readFile(join(import.meta.dirname, file), "utf8");
    for (const [, ...names] of text.matchAll(/\bincident\(\s*(?:.*\? )?"(E\d+)"(?: : "(E\d+)")?/g))
      for (const name of names) if (name !== undefined) tested.add(name);
  }
  const all = Object.entries(incidents);
  assert.equal(all.length, 40);
  const waiting = all.filter(([, { waits }]) => waits !== undefined).map(([name]) => name);
  assert.deepEqual(
    [...tested].toSorted(),
    all
      .map(([name]) => name)
      .filter((name) => !waiting.includes(name))
      .toSorted(),
  );
});

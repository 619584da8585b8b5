// The page of the campaign is what its stored results say: nobody writes it by hand (issue 3).
import assert from "node:assert/strict";
import { test } from "node:test";
import { parts } from "../parts.ts";
import { makePage, readPage } from "./store.ts";

test("docs/reliability.md is what the stored results render to; `npm run campaign -- --page` writes it", async () => {
  const wanted = await makePage(parts.map(({ name }) => name));
  assert.deepEqual(await readPage(), wanted);
});

test("each part has the name under which it is listed", async () => {
  for (const { name, load } of parts) assert.equal((await load()).name, name);
});

// A release of the server profile: what it weighs, and that the same inputs give the same bytes.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { sha256OfFile } from "../../../tools/lab/release.ts";
import { bootRelease } from "../releases.ts";
import { serverTest } from "./scene.ts";

async function digests(folder: string): Promise<Readonly<Record<string, string>>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await sha256OfFile(join(folder, name))])),
  );
}

serverTest("built again, a release is the same bit for bit: images, entries and manifest", {}, async ({ v1 }) => {
  const first = await digests(v1.folder);
  assert.equal(Object.keys(first).length, 6);
  let again: Readonly<Record<string, string>> = {};
  await bootRelease({
    version: "1",
    profile: "server",
    again: async (folder) => {
      again = await digests(folder);
    },
  });
  assert.deepEqual(again, first);
});

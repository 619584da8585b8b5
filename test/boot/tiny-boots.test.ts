// Real boots of the tiny profile: broken in every way that matters, and held against the loader model (P5, P8; scenarios 2
// and 3). HOLDFAST_BOOTS=full boots all of the tables, otherwise those that are marked.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Scene } from "./boot-case.ts";
import { allCases } from "./cases.ts";
import { predictCase } from "./model-of.ts";
import { megabytesOf } from "./releases.ts";
import { runCase, tellSeen } from "./run-case.ts";
import { bootScene } from "./scene.ts";

const full = process.env["HOLDFAST_BOOTS"] === "full";
const found = await bootScene(full, (line) => console.log(`boots: ${line}`));
const lacks = found instanceof Error ? found.message : undefined;

describe("a real machine", { skip: lacks ?? false }, () => {
  test("fetches less than 60 MB of a release", async () => {
    for (const release of Object.values((found as Scene).releases))
      for (const weight of await megabytesOf(release)) assert.ok(weight < 60, `${weight} MB`);
  });

  for (const boot of allCases.filter(({ quick }) => full || quick === true))
    test(`${boot.name}: ${boot.outcome}`, async () => {
      const scene = found as Scene;
      const folder = await mkdtemp(join(tmpdir(), "holdfast-boot-"));
      try {
        const model = await predictCase(scene, boot);
        const seen = await runCase(scene, boot, folder);
        console.log(`boots: ${tellSeen(boot, seen)}`);
        const { outcome, after } = boot;
        assert.deepEqual({ outcome: seen.outcome, after: seen.after }, { outcome, after }, seen.consoles);
        assert.deepEqual(
          { outcome: model.outcome, after: model.after },
          { outcome, after },
          "the model says otherwise",
        );
      } finally {
        await rm(folder, { recursive: true });
      }
    });
});

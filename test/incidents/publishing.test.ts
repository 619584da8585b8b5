// Incidents at the publisher's end, on a simulated machine.
import assert from "node:assert/strict";
import { Fault } from "../../src/base/fault.ts";
import { addRelease } from "../../src/publish/add.ts";
import { commitStaged } from "../../src/publish/commit.ts";
import { initRepository } from "../../src/publish/init.ts";
import { pruneRepository } from "../../src/publish/prune.ts";
import { verifyRepository } from "../../src/publish/verify.ts";
import type { SimWorld } from "../../src/sim/machine.ts";
import { indexIn, publisherOn, publisherWorld, releaseIn, settings } from "../../src/sim/publisher/sample-publisher.ts";
import { incident } from "./incident.ts";

async function published(...versions: readonly string[]): Promise<SimWorld> {
  const world = publisherWorld();
  await initRepository(publisherOn(world), settings);
  for (const version of versions) {
    await addRelease(publisherOn(world), releaseIn(world, version));
    await commitStaged(publisherOn(world), false);
  }
  return world;
}

incident(
  "E33",
  async () => {
    const world = await published("1", "2", "3");
    // Staged from what is published: no index names its chunks yet.
    await addRelease(publisherOn(world), releaseIn(world, "4"));
    const { removed } = await pruneRepository(publisherOn(world), { keep: 1, graceDays: 0 });
    assert.ok(removed.files > 0);
    await commitStaged(publisherOn(world), false);
    assert.deepEqual(
      indexIn(world).releases.map(({ version }) => version),
      ["3", "4"],
    );
    const { findings, checkedFiles } = await verifyRepository(publisherOn(world), 100);
    assert.deepEqual(findings, []);
    assert.ok(checkedFiles > 20);
  },
  { side: "what is published or staged keeps its chunks" },
);

incident(
  "E33",
  async () => {
    const world = await published("1");
    await assert.rejects(
      commitStaged(publisherOn(world), false),
      (error: unknown) => error instanceof Fault && error.code === "nothing-staged",
    );
    await assert.rejects(
      pruneRepository(publisherOn(world), { keep: 0, graceDays: 0 }),
      (error: unknown) => error instanceof Fault && error.code === "prunes-everything",
    );
    assert.equal(indexIn(world).serial, 2);
  },
  { side: "nothing staged publishes nothing, and nothing is left of nothing" },
);

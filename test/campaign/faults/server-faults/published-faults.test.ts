// A slice of the campaign's server faults in a repository that `holdfast repo` made: one for each kind of file in it.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { World } from "../../../e2e/world.ts";
import { holdfastSubject } from "../../peers/peer.ts";
import type { Cell } from "./cell.ts";
import { problemsOf } from "./judge.ts";
import { pairsWith, runMatrix } from "./matrix.ts";
import { publishedPlace, publishedResources, type PublishedReleases, publishReleases } from "./published-resources.ts";

let world: World;
let releases: PublishedReleases;
before(async () => {
  world = await World.create();
  releases = await publishReleases(world);
});
after(async () => world[Symbol.asyncDispose]());

const seed = Number(process.env["SEED"] ?? 20260301);

async function cellOf(fault: string, resource: string): Promise<Cell> {
  const pairs = pairsWith(publishedResources, (pair) => pair.fault.name === fault && pair.resource.name === resource);
  const { target, contents } = releases;
  const place = (): ReturnType<typeof publishedPlace> => publishedPlace(world, releases);
  const request = { subject: holdfastSubject, place, target, contents, pairs, seed, atOnce: 1, waiting: 1 };
  const [cell] = await runMatrix(request);
  assert.ok(cell !== undefined, `${fault}, ${resource}`);
  return cell;
}

/** Whether another way takes over at once, or the next update finishes. */
const cases: readonly (readonly [fault: string, resource: string, atOnce: boolean])[] = [
  ["cut after one byte, always", "manifest of the release", true],
  ["416, whatever is asked for", "delta", true],
  ["half of the file as if it were whole", "map of the packs", true],
  ["Range ignored, always", "pack", true],
  ["a wrong byte anywhere", "image that is not in pieces", false],
];

suite("A server that fails, with what a repository holds", { concurrency: 2 }, () => {
  for (const [fault, resource, atOnce] of cases)
    test(`${fault}: ${resource}`, async () => {
      const cell = await cellOf(fault, resource);
      assert.deepEqual(problemsOf(cell), [], `seed ${seed}`);
      assert.equal(cell.atOnce, atOnce, cell.first.output);
    });

  test("what is not signed by a key of the machine is refused, not passed over", async () => {
    const { first } = await cellOf("replaced between two requests, once", "holdfast.json");
    assert.deepEqual([first.code, /^holdfast: Cannot trust \S+\/holdfast\.json: /m.test(first.output)], [1, true]);
  });
});

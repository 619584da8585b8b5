// A slice of the campaign's server faults: those that the end-to-end tests do not know, one resource each.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { World } from "../../../e2e/world.ts";
import { holdfastSubject } from "../../peers/peer.ts";
import { problemsOf } from "./judge.ts";
import { type Contents, contentsOf, pairsOf, runMatrix } from "./matrix.ts";
import { type ListedResource, makePlace, makeReleases, type Place, type Releases } from "./resource.ts";
import { runTlsMatrix, tlsPairs } from "./tls-matrix.ts";

let world: World;
let releases: Releases;
let contents: Contents;
before(async () => {
  world = await World.create();
  releases = await makeReleases(world);
  contents = await contentsOf(world, releases);
});
after(async () => world[Symbol.asyncDispose]());

const seed = Number(process.env["SEED"] ?? 20260301);

const cases: readonly (readonly [fault: string, resource: string])[] = [
  ["a redirect to a local file", "SHA256SUMS.gpg"],
  ["something that is no HTTP", "chunk index"],
  ["a header of 10 MB", "image"],
  ["cut after one byte, always", "SHA256SUMS"],
  ["half of the file as if it were whole", "image (.xz)"],
  ["nothing, with status 200", "UKI"],
  ["a wrong byte anywhere", "image (.zst)"],
  ["Content-Length too small in HEAD", "image"],
  ["ETag changed in mid-resume, the bytes others", "UKI"],
  ["replaced between two requests, for good", "image (.gz)"],
  ["10 GB, announced", "SHA256SUMS.gpg"],
  ["10 GB, unannounced", "image"],
];

suite("A server that fails otherwise", { concurrency: 2 }, () => {
  for (const [fault, resource] of cases)
    test(`${fault}: ${resource}`, async (context) => {
      const pairs = pairsOf((pair) => pair.fault.name === fault && pair.resource.name === resource);
      if (pairs.length === 0) return context.skip("only root may mount a disk that is small enough");
      const [subject, lanes] = [holdfastSubject, { atOnce: 1, waiting: 1 }];
      const place = ({ encoding }: ListedResource): Promise<Place> => makePlace(world, releases, encoding);
      const { target } = releases;
      const cells = await runMatrix({ subject, place, target, contents, pairs, seed, ...lanes });
      assert.deepEqual(cells.flatMap(problemsOf), [], `seed ${seed}`);
    });
});

suite("A secure connection that fails", () => {
  test("for one resource: nothing is lost, and the next update finishes", async () => {
    const pairs = tlsPairs.filter(({ fault }, index) => fault.slow !== true && index % 6 === 0);
    const cells = await runTlsMatrix({ world, releases, pairs, atOnce: 2 });
    assert.equal(cells.length, 6);
    assert.deepEqual(cells.flatMap(problemsOf), []);
  });
});

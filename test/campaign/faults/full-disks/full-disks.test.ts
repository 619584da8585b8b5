// A slice of the campaign's full disks: what the end-to-end tests do not know, on a real ext4 and a real btrfs.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { World } from "../../../e2e/world.ts";
import { holdfastSubject } from "../../peers/peer.ts";
import { makeReleases, type Releases } from "../server-faults/resource.ts";
import { whyNoSmallDisk } from "./small-disk.ts";
import { type Place, problemsOf, runSqueeze, type Squeeze, type SqueezedCommand } from "./squeeze.ts";

let world: World;
let releases: Releases;
let why: string | undefined;
before(async () => {
  world = await World.create();
  releases = await makeReleases(world);
  why = await whyNoSmallDisk("ext4", world.folder);
});
after(async () => world[Symbol.asyncDispose]());

const cases: readonly (readonly [SqueezedCommand, Place, Squeeze])[] = [
  ["update", "system", { kind: "bytes", free: 120_000, blind: true }],
  ["update", "efi", { kind: "bytes", free: 12_000, blind: true }],
  ["update", "var/lib/holdfast", { kind: "bytes", free: 4096, blind: true }],
  ["update", "system", { kind: "inodes", free: 1 }],
  ["update", "efi", { kind: "inodes", free: 0 }],
  ["update", "system", { kind: "filled-meanwhile", part: 0.5 }],
  ["update", "system", { kind: "read-only-meanwhile", part: 0.5 }],
  ["rollback", "efi", { kind: "bytes", free: 0, blind: false }],
  ["repair", "system", { kind: "bytes", free: 40_000, blind: false }],
];

suite("A file system without room", { concurrency: 2 }, () => {
  for (const [command, place, squeeze] of cases)
    test(`${command}, ${place}, ${JSON.stringify(squeeze)}: nothing is lost, and with room the update finishes`, async (context) => {
      if (why !== undefined) return context.skip(why);
      const subject = holdfastSubject;
      const squeezed = await runSqueeze({ subject, world, releases, disk: "ext4", place, command, squeeze, ms: 600 });
      assert.deepEqual(problemsOf(squeezed), []);
    });
});

// It tells of free bytes and takes no file: what is removed to make room there is lost for nothing.
test("on a btrfs that takes no file nothing goes to make room", async (context) => {
  const none = await whyNoSmallDisk("btrfs", world.folder);
  if (none !== undefined) return context.skip(none);
  await using larger = await World.create();
  const squeezed = await runSqueeze({
    subject: holdfastSubject,
    world: larger,
    releases: await makeReleases(larger, 600_000),
    disk: "btrfs",
    place: "system",
    command: "update",
    squeeze: { kind: "bytes", free: 1_777_778, blind: false },
    ms: 600,
  });
  assert.match(squeezed.output, /Cannot create .*: the file system is full/);
  assert.deepEqual(problemsOf(squeezed), []);
});

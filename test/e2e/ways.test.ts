// Updates by delta and by chunks, from a repository that `holdfast repo` made. The bytes are counted by the server, and the
// judge of the tree is the lab's own. Whatever goes wrong on the way, the update ends with the right bytes.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
import type { UpdateReport } from "../../src/wire/reports.ts";
import { flipAt } from "./flip-at.ts";
import { Published } from "./published.ts";
import { json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

const imageBytes = 3_000_000;
const newBytes = 300_000;
const image = "/os_2.erofs";
const delta = "/deltas/os_2.erofs-from-os_1.erofs.delta";

let world: World;
let one: LabRelease;
let two: LabRelease;
let published: Published;
before(async () => {
  world = await World.create();
  [one, two] = await world.releases(["1", "2"], { imageBytes, sharedBytes: imageBytes - newBytes });
  published = await Published.create(world, "ways", one, two);
});
after(async () => {
  await published[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  published.server.heal();
  published.server.log.length = 0;
});

const gone = { status: 404 } as const;
const scene = (): Promise<Scene> => published.scene(world, [one]);

suite("An update brings what is new", () => {
  test("--dry-run says what each way costs, and fetches no part of the release", async () => {
    await using machine = await scene();
    const ended = await machine.expect(0, ["update", "--dry-run", "--json"]);
    const { ways = [], downloadBytes = 0 } = json(ended) as UpdateReport;
    const ofImage = ways.find(({ name }) => name === "os_2.erofs")?.ways ?? [];
    assert.deepEqual(
      ofImage.map((way) => [way.way, way.chosen, way.because]),
      [
        ["whole", false, "if that fails"],
        ["chunks", false, "if that fails"],
        ["delta", true, "if version 1, not read yet, is whole"],
      ],
    );
    assert.ok(downloadBytes < 1.5 * newBytes, `${downloadBytes}`);
    assert.equal(published.sent(image) + published.sent("/deltas"), 0);
    const text = (await machine.expect(0, ["update", "--dry-run"])).stdout;
    assert.match(text, /os_2\.erofs {2}whole file +2\.9 MiB {2}if that fails/);
    assert.match(text, /delta from 1 +0\.3 MiB {2}chosen/);
  });

  test("by delta: the image itself is not asked for", async () => {
    await using machine = await scene();
    const { transferredBytes } = json(await machine.expect(0, ["update", "--json"])) as UpdateReport;
    await machine.assertBootable(["1", "2"], two);
    assert.equal(published.sent(image), 0);
    const all = published.server.log.reduce((sum, { bytes }) => sum + bytes, 0);
    assert.ok(all < 1.4 * newBytes, `${all}`);
    // The report leaves out the list of releases, as it always did.
    assert.equal(transferredBytes, all - published.sent("/holdfast.json"));
  });

  test("by chunks where there is no delta", async () => {
    await using machine = await scene();
    published.server.misbehave({ path: delta, ...gone });
    await machine.expect(0, ["update"]);
    await machine.assertBootable(["1", "2"], two);
    assert.equal(published.sent(image), 0);
    assert.ok(published.sent("/chunks") < 1.8 * newBytes, `${published.sent("/chunks")}`);
  });

  test("by the whole file where there is neither", async () => {
    await using machine = await scene();
    published.server.misbehave({ path: delta, ...gone }, { path: /^\/chunks\//, ...gone });
    await machine.expect(0, ["update"]);
    await machine.assertBootable(["1", "2"], two);
    assert.ok(published.sent(image) > imageBytes);
  });

  test("a file that a person names has chunks, too", async () => {
    await using machine = await published.scene(world, []);
    await writeFile(join(machine.machine.root, "old.img"), await readFile(fileOf(one, "image").path));
    await machine.expect(0, ["update", "--seed=/old.img"]);
    await machine.assertBootable(["2"], two);
    assert.equal(published.sent(image), 0);
    assert.ok(published.sent("/chunks") < 1.8 * newBytes, `${published.sent("/chunks")}`);
  });
});

suite("A delta that fails costs itself", () => {
  const failures = [
    { what: "other bytes in its place", rule: { path: delta, body: Buffer.alloc(400_000, 7) } },
    { what: "a flipped byte in its head", rule: { path: delta, flipByteAt: 30 } },
    { what: "a flipped byte behind its head", rule: { path: delta, flipByteAt: 150_000 } },
    { what: "a server without ranges", rule: { path: delta, ignoreRange: true } },
    { what: "a server error, always", rule: { path: delta, status: 500 } },
  ] as const;
  for (const { what, rule } of failures) {
    test(what, async () => {
      await using machine = await scene();
      published.server.misbehave(rule);
      await machine.expect(0, ["update"]);
      await machine.assertBootable(["1", "2"], two);
      assert.equal(published.sent(image), 0, "chunks come next");
    });
  }

  test("a cut line goes on within it", async () => {
    await using machine = await scene();
    published.server.misbehave({ path: delta, cutAfterBytes: 150_000, times: 1, from: 2 });
    await machine.expect(0, ["update"]);
    await machine.assertBootable(["1", "2"], two);
    assert.equal(published.sent("/chunks") + published.sent(image), 0);
  });
});

suite("What was interrupted goes on", () => {
  const modes = [
    { what: "by delta", broken: [], path: delta, before: /\.delta$/ },
    { what: "by chunks", broken: [{ path: delta, ...gone }], path: /^\/chunks\/.*pack$/, before: /\.map$/ },
  ] as const;
  for (const { what, broken, path, before } of modes) {
    test(what, async () => {
      await using machine = await scene();
      // The last bytes take ten seconds and more: whatever the machine is busy with, it is in the middle of them.
      published.server.misbehave(...broken, { path, bytesPerSecond: 20_000, from: what === "by delta" ? 2 : 1 });
      const { child, ended } = machine.start(["update"]);
      while (child.exitCode === null && !published.server.log.some(({ path: asked }) => before.test(asked)))
        await sleep(50);
      await sleep(2000);
      child.kill("SIGINT");
      assert.equal((await ended).code, 5);
      published.server.heal();
      published.server.misbehave(...broken);
      await machine.expect(0, ["update"]);
      await machine.assertBootable(["1", "2"], two);
      assert.equal(published.sent(image), 0);
    });
  }
});

suite("What is damaged is mended by its pieces", () => {
  test("the way back, before an update, and then the update goes by delta", async () => {
    await using machine = await scene();
    await flipAt(join(machine.machine.system, "os_1.erofs"), 1_000_000);
    await machine.expect(0, ["update"]);
    await machine.assertBootable(["1", "2"], two);
    assert.equal(published.sent("/os_1.erofs") + published.sent(image), 0);
  });

  test("doctor --repair", async () => {
    await using machine = await scene();
    await machine.expect(0, ["update"]);
    published.server.log.length = 0;
    await flipAt(join(machine.machine.system, "os_2.erofs"), 2_000_000);
    await machine.expect(7, ["doctor", "--deep"]);
    await machine.expect(0, ["doctor", "--deep", "--repair"]);
    await machine.assertBootable(["1", "2"], two);
    assert.equal(published.sent(image), 0);
    const packs = published.server.log.reduce((sum, { path, bytes }) => sum + (path.endsWith(".pack") ? bytes : 0), 0);
    assert.ok(packs < 150_000, `${packs}`);
  });
});

suite("A release that is taken back", () => {
  test("is left before it was found good, is refused by name, and an older index is refused", async () => {
    await using own = await Published.create(world, "withdrawn", one, two);
    await using machine = await own.scene(world, [one]);
    const earlier = await readFile(join(own.folder, "holdfast.json"));
    await machine.expect(0, ["update"]);
    assert.match((await machine.expect(0, ["status"])).stdout, /2/);
    await own.repo("withdraw", "2");
    const plan = (await machine.expect(0, ["update", "--dry-run"])).stdout;
    assert.match(plan, /^The plan to go from 2 to 1, downloading nothing:\n/);
    const ended = await machine.run(["update"]);
    assert.match(ended.stdout + ended.stderr, /Version 2 was taken back by its publisher/);
    assert.equal((json(await machine.run(["status", "--json"])) as { bootsNext: string }).bootsNext, "1");
    assert.match(reason(await machine.expect(4, ["update", "2"])), /its publisher has taken it back$/);
    await writeFile(join(own.folder, "holdfast.json"), earlier);
    assert.match(reason(await machine.expect(4, ["update"])), /holdfast\.json: it is number \d+, and number \d+ was/);
  });
});

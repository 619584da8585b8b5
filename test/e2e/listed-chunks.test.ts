// KDE Linux's layout: SHA256SUMS lists an image and its chunk index, the chunks are in a store elsewhere, and the image itself
// need not be on any server. The index is proven by the list, each chunk by the index, and the image by the list again.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, suite, test } from "node:test";
import type { UpdateReport } from "../../src/wire/reports.ts";
import { describeFile, type LabRelease } from "../../tools/lab/release.ts";
import { flipAt } from "./flip-at.ts";
import { Published } from "./published.ts";
import { json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

const imageBytes = 3_000_000;
const newBytes = 300_000;
const image = "/os_2.erofs";
const storeFolder = "/chunks/default.castr";

let world: World;
let one: LabRelease;
let two: LabRelease;
/** It only lends its store. */
let published: Published;
before(async () => {
  world = await World.create();
  const plain = await world.releases(["1", "2"], { imageBytes, sharedBytes: imageBytes - newBytes });
  published = await Published.create(world, "store", ...plain);
  const indexed = async (release: LabRelease): Promise<LabRelease> => {
    const name = `os_${release.version}.erofs.caibx`;
    const index = await describeFile("index", name, join(published.folder, "chunks", name));
    return { ...release, files: [index, ...release.files] };
  };
  [one, two] = [await indexed(plain[0]), await indexed(plain[1])];
});
after(async () => {
  await published[Symbol.asyncDispose]();
  await world[Symbol.asyncDispose]();
});
beforeEach(() => {
  published.server.heal();
  published.server.log.length = 0;
});

const store = (): string => `${published.server.url}${storeFolder}`;

/** The image of 2 is not on the server. */
async function sceneWithoutImage(): Promise<Scene> {
  const scene = await world.scene({ offered: [one, two], installed: [one], index: true });
  scene.server.misbehave({ path: image, status: 404 }, { path: image, status: 404, method: "HEAD" });
  return scene;
}

/** As a distribution says it, for everything that fetches. */
async function nameStore({ machine }: Scene): Promise<void> {
  const path = join(machine.definitions, "20-root.transfer");
  await writeFile(path, (await readFile(path, "utf8")).replace("[Source]\n", `[Source]\nX-ChunkStore=${store()}/\n`));
}

suite("An image that is only there in chunks", () => {
  test("comes from the store, but for what is here", async () => {
    await using scene = await sceneWithoutImage();
    await scene.expect(0, ["update", `--chunk-store=${store()}`]);
    await scene.assertBootable(["1", "2"], two);
    assert.deepEqual((await scene.audit(two)).leftovers, []);
    assert.equal(scene.server.requests(image).length, 0);
    const sent = published.sent(storeFolder);
    assert.ok(sent > newBytes && sent < 1.8 * newBytes, `${sent}`);
  });

  test("is planned with what it costs, and repaired by its pieces", async () => {
    await using scene = await sceneWithoutImage();
    await nameStore(scene);
    const { ways = [] } = json(await scene.expect(0, ["update", "--dry-run", "--json"])) as UpdateReport;
    const told = ways.find(({ name }) => name === "os_2.erofs")?.ways ?? [];
    const [whole, chunks] = told;
    assert.deepEqual(
      [whole?.way, whole?.downloadBytes, whole?.because],
      ["whole", two.files[1]?.sizeBytes, "if that fails"],
    );
    assert.deepEqual([chunks?.way, chunks?.chosen], ["chunks", true]);
    assert.ok((chunks?.downloadBytes ?? 0) < 1.8 * newBytes, `${chunks?.downloadBytes}`);
    assert.equal(published.sent(storeFolder), 0);
    await scene.expect(0, ["update"]);
    published.server.log.length = 0;
    await flipAt(join(scene.machine.system, "os_2.erofs"), 2_000_000);
    await scene.expect(0, ["doctor", "--deep", "--repair"]);
    await scene.assertBootable(["1", "2"], two);
    assert.ok(published.sent(storeFolder) < 150_000, `${published.sent(storeFolder)}`);
  });

  test("does not come from a store that lacks a chunk, and nothing is lost", async () => {
    await using scene = await sceneWithoutImage();
    published.server.misbehave({ path: /^\/chunks\//, status: 404 });
    const ended = await scene.expect(1, ["update", `--chunk-store=${store()}`]);
    assert.match(reason(ended), /^Cannot download http:\S+\/os_2\.erofs: the server does not have it \(status 404\)$/);
    await scene.assertBootable(["1"]);
    scene.server.heal();
    await scene.expect(0, ["update", `--chunk-store=${store()}`]);
    await scene.assertBootable(["1", "2"], two);
    assert.ok(scene.server.bytesSent(image) > 2_000_000, "the whole file comes where the store fails");
  });

  test("is not offered where the list has its index alone: nobody signed what it is as a whole", async () => {
    await using scene = await sceneWithoutImage();
    const lines = (await scene.repository.readManifest()).split("\n").filter((line) => !line.endsWith("*os_2.erofs"));
    await scene.repository.writeRaw(Buffer.from(lines.join("\n")));
    await scene.expect(3, ["update", `--chunk-store=${store()}`]);
    const ended = await scene.expect(4, ["update", "2", `--chunk-store=${store()}`]);
    assert.match(reason(ended), /^Cannot update to 2: the repository has nothing of it /);
  });
});

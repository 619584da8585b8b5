// What the real desync makes of two images with KDE Linux's settings, beside a signed SHA256SUMS: `bin/holdfast` updates from it
// (issue 5, "Chunks"), although no server has the image.
import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { describeFile, fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";
import { World } from "../e2e/world.ts";
import { run } from "./chunk-world.ts";

const mebibyte = 1 << 20;
const imageBytes = 14 * mebibyte;
/** Half of what is new is at either end. */
const sharedBytes = 13 * mebibyte;

test("it updates from chunks of 1, 2 and 4 MiB that desync made, and asks for no image", async (t) => {
  const tools = await ensureTools(["desync"]);
  if (tools.missing.length > 0) return t.skip(describeMissing(tools.missing).join(" "));
  await using world = await World.create();
  const stores = join(world.folder, "store.example");
  const store = join(stores, "store");
  await mkdir(store, { recursive: true });
  const indexed = async (release: LabRelease): Promise<LabRelease> => {
    const image = fileOf(release, "image");
    const index = join(world.folder, `${image.name}.caibx`);
    const made = await run(tools.path("desync"), "make", "-m", "1024:2048:4096", "-s", store, index, image.path);
    assert.equal(made.exitCode, 0, made.output);
    return { ...release, files: [await describeFile("index", `${image.name}.caibx`, index), ...release.files] };
  };
  const [first, second] = await world.releases(["1", "2"], { imageBytes, sharedBytes });
  const [one, two] = [await indexed(first), await indexed(second)];
  await using chunks = await FaultServer.start(stores);
  await using scene = await world.scene({ offered: [one, two], installed: [one], index: true });
  const image = "/os_2.erofs";
  scene.server.misbehave({ path: image, status: 404 }, { path: image, status: 404, method: "HEAD" });
  await scene.expect(0, ["update", `--chunk-store=${chunks.url}/store/`]);
  await scene.assertBootable(["1", "2"], two);
  assert.equal(scene.server.requests(image).length, 0);
  // At most a chunk of the largest size at either end, and what is cut anew behind the first.
  assert.ok(chunks.bytesSent() < 10 * mebibyte, `${chunks.bytesSent()}`);
});

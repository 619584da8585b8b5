// Incidents of full file systems, on real ones.
import assert from "node:assert/strict";
import { readdir, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before } from "node:test";
import type { StatusReport } from "../../src/wire/reports.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { canMount, Mount } from "../e2e/mounts.ts";
import { json, reason } from "../e2e/run.ts";
import { type Scene, World } from "../e2e/world.ts";
import { incident, type IncidentOptions } from "./incident.ts";

const mebibyte = 1 << 20;
const mounting: IncidentOptions = { skip: canMount ? false : "only root may mount" };

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"], { imageBytes: mebibyte, kernelBytes: 400_000 });
});
after(async () => world[Symbol.asyncDispose]());

async function withRoom(
  where: "system" | "efi" | "var/lib/holdfast",
  bytes: number,
  installed: readonly LabRelease[],
  offered: readonly LabRelease[],
): Promise<{ readonly scene: Scene; readonly folder: string } & AsyncDisposable> {
  const mounts = new AsyncDisposableStack();
  let folder = "";
  const scene = await world.scene({
    installed,
    offered,
    prepare: async (root) => {
      folder = join(root, where);
      mounts.use(await Mount.tmpfs(folder, bytes));
    },
  });
  mounts.use(scene);
  return { scene, folder, [Symbol.asyncDispose]: async () => mounts.disposeAsync() };
}

async function fill(folder: string): Promise<void> {
  for (let size = 4 * mebibyte; size >= 512; size = Math.floor(size / 2))
    await writeFile(join(folder, "filler"), Buffer.alloc(size, 1), { flag: "a" }).catch(() => undefined);
  assert.equal((await statfs(folder)).bavail, 0);
}

incident(
  "E13",
  async () => {
    await using place = await withRoom("efi", 1.5 * mebibyte, [two], [two, three]);
    const ended = await place.scene.expect(4, ["update"]);
    assert.match(reason(ended), /^Cannot update to 3: \/efi needs/);
    await place.scene.assertBootable(["2"]);
  },
  mounting,
);

incident(
  "E14",
  async () => {
    await using place = await withRoom("efi", 3 * mebibyte, [two], [two, three]);
    const { scene, folder } = place;
    scene.server.misbehave({ path: "/os_3.efi", bytesPerSecond: 400_000 });
    const running = scene.start(["update"]);
    while (scene.server.requests("/os_3.efi").every(({ method }) => method !== "GET"))
      await new Promise((resolve) => setTimeout(resolve, 20));
    await fill(folder);
    const { code } = await running.ended;
    // What was reserved stands: then it is done, and that the ESP is almost full is said.
    const done = code === 0 || code === 7;
    await scene.assertBootable(done ? ["2", "3"] : ["2"], three);
    // Nothing of ours may keep it full: everything but the filler is what was there before, or whole.
    const names = await readdir(scene.machine.entries);
    assert.ok(names.includes("os_2.efi"));
    await rm(join(folder, "filler"), { force: true });
    if (!done) await scene.assertHeals(["2", "3"], three);
  },
  mounting,
);

incident(
  "E15",
  async () => {
    await using place = await withRoom("efi", 1.25 * mebibyte, [two], [two, three]);
    const { stderr } = await place.scene.expect(4, ["update"]);
    assert.match(stderr, /\/efi needs .* and has /);
    assert.doesNotMatch(stderr, /I\/O error|EIO|io-error/);
  },
  mounting,
);

incident(
  "E16",
  async () => {
    await using place = await withRoom("system", 2.5 * mebibyte, [one, two], [one, two, three]);
    const { scene } = place;
    await scene.expect(4, ["update"]);
    await scene.assertBootable(["1", "2"]);
    await using larger = await withRoom("system", 3.25 * mebibyte, [one, two], [one, two, three]);
    larger.scene.server.misbehave({ path: "/os_3.erofs", cutAfterBytes: 5000, times: 1 });
    await larger.scene.run(["update"]);
    const { bootable } = await larger.scene.audit(three);
    assert.ok(bootable.includes("2"));
  },
  mounting,
);

incident(
  "E21",
  async () => {
    await using place = await withRoom("var/lib/holdfast", 64 * 1024, [one], [one, two]);
    const { scene, folder } = place;
    await fill(folder);
    const status = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.equal(status.bootsNext, "1");
    const { code, stderr } = await scene.run(["update"]);
    if (code !== 0) assert.match(stderr, /\/var\/lib\/holdfast/);
    await scene.assertBootable(code === 0 ? ["1", "2"] : ["1"], two);
  },
  mounting,
);

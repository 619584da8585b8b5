// Full and read-only file systems: refused with the numbers before anything is downloaded or deleted, room made only
// from versions older than the way back, nothing lost when a disk fills up meanwhile (incidents E13 to E16, E21).
import assert from "node:assert/strict";
import { rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { DoctorReport, UpdateReport } from "../../src/wire/reports.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { canLoop, canMount, Mount } from "./mounts.ts";
import { json, reason } from "./run.ts";
import { type Scene, type SceneOptions, World } from "./world.ts";

const mebibyte = 1 << 20;

let world: World;
let one: LabRelease;
let two: LabRelease;
let three: LabRelease;
let bigThree: LabRelease;
before(async () => {
  world = await World.create();
  [one, two, three] = await world.releases(["1", "2", "3"], { imageBytes: mebibyte, kernelBytes: 400_000 });
  bigThree = await world.release("3", { imageBytes: 4 * mebibyte });
});
after(async () => world[Symbol.asyncDispose]());

type Where = "system" | "efi" | "var/lib/holdfast";
type Kind = "tmpfs" | "ext4";

/** A scene whose folder `where` is a file system of its own with so much room. */
async function withRoom(
  where: Where,
  bytes: number,
  options: SceneOptions,
  kind: Kind = "tmpfs",
): Promise<{ scene: Scene; mount: Mount } & AsyncDisposable> {
  const mounts: Mount[] = [];
  const prepare = async (root: string): Promise<void> => {
    const folder = join(root, where);
    mounts.push(kind === "tmpfs" ? await Mount.tmpfs(folder, bytes) : await Mount.ext4(folder, `${root}.ext4`, bytes));
  };
  const scene = await world.scene({ ...options, prepare });
  const [mount] = mounts;
  assert.ok(mount !== undefined);
  return {
    scene,
    mount,
    [Symbol.asyncDispose]: async () => {
      await scene[Symbol.asyncDispose]();
      await mount[Symbol.asyncDispose]();
    },
  };
}

/** Writes until nothing more goes in. */
async function fill(path: string): Promise<void> {
  for (let size = 64 * mebibyte; size >= 512; size = Math.floor(size / 2))
    await writeFile(path, Buffer.alloc(size, 1), { flag: "a" }).catch(() => undefined);
  const { bavail } = await statfs(path);
  assert.equal(bavail, 0);
}

function mountedSuite(name: string, body: () => void): void {
  suite(name, { concurrency: 2, skip: canMount ? false : "only root may mount" }, body);
}

mountedSuite("A file system without room", () => {
  test("of the images is named with its numbers before anything is fetched", async () => {
    await using place = await withRoom("system", 2.5 * mebibyte, { offered: [two, three], installed: [two] });
    const { scene } = place;
    const ended = await scene.expect(4, ["update"]);
    assert.equal(reason(ended), "Cannot update to 3: /system needs 2.0 MiB and has 1.5 MiB");
    assert.match(ended.stderr, /^Free 0\.5 MiB there by hand, or enlarge it/m);
    assert.equal(scene.server.bytesSent("/os_3.erofs"), 0);
    await scene.assertBootable(["2"]);
    assert.deepEqual((await scene.audit()).leftovers, []);
  });

  test("of the entries is named with its numbers before anything is fetched", async () => {
    await using place = await withRoom("efi", 1.5 * mebibyte, { offered: [two, three], installed: [two] });
    const { scene } = place;
    assert.match(
      reason(await scene.expect(4, ["update"])),
      /^Cannot update to 3: \/efi needs 1\.4 MiB and has 1\.1 MiB$/,
    );
    assert.equal(scene.server.bytesSent("/os_3.erofs"), 0);
    await scene.assertBootable(["2"]);
  });

  for (const kind of canLoop() ? (["tmpfs", "ext4"] as const) : (["tmpfs"] as const)) {
    test(`gets it from a version older than the way back (${kind})`, async () => {
      const bytes = kind === "tmpfs" ? 3.5 * mebibyte : 4 * mebibyte;
      await using place = await withRoom("system", bytes, { offered: [one, two, three], installed: [one, two] }, kind);
      const { scene } = place;
      const plan = json(await scene.expect(0, ["update", "--dry-run", "--json"])) as UpdateReport;
      assert.ok(plan.notices.includes("Version 1 is removed before the download, to make room."));
      assert.deepEqual(plan.space.map(({ mountPoint }) => mountPoint).includes("/system"), true);
      await scene.assertBootable(["1", "2"]);
      await scene.expect(0, ["update"]);
      await scene.assertBootable(["2", "3"], three);
    });
  }

  test("does not get it from a pinned one, and says what unpinning would free", async () => {
    await using place = await withRoom("system", 3.5 * mebibyte, { offered: [one, two, three], installed: [one, two] });
    const { scene } = place;
    await scene.expect(0, ["pin", "1"]);
    const ended = await scene.expect(4, ["update"]);
    assert.match(reason(ended), /^Cannot update to 3: \/system needs 2\.0 MiB and has 1\.5 MiB$/);
    assert.match(ended.stderr, /^Unpinning 1 would free 1\.0 MiB\.$/m);
    await scene.assertBootable(["1", "2"]);
    await scene.expect(0, ["unpin", "1"]);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["2", "3"], three);
  });
});

mountedSuite("A file system that fills up meanwhile", () => {
  test("does not stop a download whose room was reserved", async () => {
    await using place = await withRoom("system", 8 * mebibyte, { offered: [two, bigThree], installed: [two] });
    const { scene } = place;
    scene.server.misbehave({ path: "/os_3.erofs", bytesPerSecond: 4 * mebibyte });
    const { child, ended } = scene.start(["update"]);
    while (scene.server.bytesSent("/os_3.erofs") < mebibyte && child.exitCode === null) await sleep(5);
    await fill(join(scene.machine.system, "log"));
    const { code, stdout, stderr } = await ended;
    assert.equal(code, 0, stdout + stderr);
    await scene.assertBootable(["2", "3"], bigThree);
  });

  test("is named, costs nothing, and the next update finishes", async () => {
    await using place = await withRoom("system", 3.5 * mebibyte, { offered: [two, bigThree], installed: [two] });
    const { scene } = place;
    // No length is announced, so the plan cannot know.
    scene.server.misbehave(
      { path: "/os_3.erofs", chunked: true },
      { path: "/os_3.erofs", chunked: true, method: "HEAD" },
    );
    const ended = await scene.expect(1, ["update"]);
    assert.match(reason(ended), /^Cannot write \/system\/\.holdfast-[0-9a-f]{16}: the file system is full$/);
    await scene.assertBootable(["2"]);
    assert.deepEqual((await scene.audit()).leftovers, [], "what may never end is not kept");
    scene.server.heal();
    const again = await scene.expect(4, ["update"]);
    assert.match(reason(again), /^Cannot update to 3: \/system needs /);
    await scene.repository.publish(three);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["2", "3"], three, bigThree);
    assert.deepEqual((await scene.audit(three)).leftovers, []);
  });

  test("of the state: what was learnt is lost, nothing else", async () => {
    await using place = await withRoom("var/lib/holdfast", 256 * 1024, { offered: [two, three], installed: [two] });
    const { scene } = place;
    const log = join(scene.machine.root, "var/lib/holdfast/log");
    await scene.expect(0, ["check"]);
    await fill(log);
    await scene.expect(0, ["status"]);
    await scene.expect(0, ["doctor"]);
    const ended = await scene.run(["update"]);
    assert.equal(ended.code, 1, ended.stderr);
    assert.match(reason(ended), /^Cannot .* full$/);
    await scene.assertBootable(["2"], three);
    await rm(log);
    await scene.expect(0, ["update"]);
    await scene.assertBootable(["2", "3"], three);
  });
});

mountedSuite("A read-only file system", () => {
  for (const [where, mountPoint] of [
    ["system", "/system"],
    ["efi", "/efi"],
  ] as const) {
    test(`at ${mountPoint} is named before anything is fetched, and the update goes on when it is writable`, async () => {
      await using place = await withRoom(where, 8 * mebibyte, { offered: [two, three], installed: [two] });
      const { scene, mount } = place;
      await mount.readOnly(true);
      const ended = await scene.expect(4, ["update"]);
      assert.equal(reason(ended), `Cannot update to 3: ${mountPoint} is mounted read-only`);
      assert.equal(scene.server.bytesSent("/os_3.erofs"), 0);
      const codes = (json(await scene.expect(where === "efi" ? 7 : 0, ["doctor", "--json"])) as DoctorReport).findings;
      assert.equal(
        codes.some(({ code }) => code === "esp-read-only"),
        where === "efi",
      );
      await mount.readOnly(false);
      await scene.expect(0, ["update"]);
      await scene.assertBootable(["2", "3"], three);
    });
  }

  test("at the state folder: looking works, updating says what is in the way", async () => {
    await using place = await withRoom("var/lib/holdfast", mebibyte, { offered: [two, three], installed: [two] });
    const { scene, mount } = place;
    await mount.readOnly(true);
    await scene.expect(0, ["status"]);
    await scene.expect(0, ["check"]);
    await scene.expect(0, ["list"]);
    const ended = await scene.run(["update"]);
    assert.ok(ended.code === 1 || ended.code === 4, ended.stderr);
    assert.match(reason(ended), /^Cannot .*read-only/);
    await scene.assertBootable(["2"]);
  });
});

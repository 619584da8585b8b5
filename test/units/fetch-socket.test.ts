// An installer without network, whose bytes come from a child that another process starts: killed on either side, the
// update goes on (P6), and no child is left over.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { LabRelease } from "../../tools/lab/release.ts";
import { program, reason, type RunOptions } from "../e2e/run.ts";
import { type Scene, World } from "../e2e/world.ts";
import { FetchUnit } from "./fetch-unit.ts";

const mebibyte = 1 << 20;
const image = "/os_2.erofs";

let world: World;
let one: LabRelease;
let two: LabRelease;
/** `bin/holdfast` in a network namespace with nothing in it, where this machine lets us make one. */
let without = program;

before(async () => {
  world = await World.create();
  one = await world.release("1");
  two = await world.release("2", { imageBytes: 8 * mebibyte });
  const namespace = process.getuid?.() === 0 ? ["--net"] : ["--map-current-user", "--net"];
  if (spawnSync("unshare", [...namespace, "true"]).status !== 0) return;
  without = join(world.folder, "without-network");
  await writeFile(without, `#!/bin/sh\nexec unshare ${namespace.join(" ")} '${program}' "$@"\n`, { mode: 0o755 });
});
after(async () => world[Symbol.asyncDispose]());

async function sceneBefore2(): Promise<{ readonly scene: Scene; readonly unit: FetchUnit; readonly run: RunOptions }> {
  const scene = await world.scene({ offered: [one, two], installed: [one] });
  const unit = await FetchUnit.listen(join(scene.folder, "fetch"));
  return { scene, unit, run: { program: without, env: { HOLDFAST_FETCH_SOCKET: unit.path } } };
}

async function untilSent(scene: Scene, bytes: number): Promise<void> {
  while (scene.server.bytesSent(image) < bytes) await sleep(5);
}

/** What has arrived in the installer's own file. */
async function stagedBytes(scene: Scene): Promise<number> {
  const [path] = await scene.staged();
  return path === undefined ? 0 : (await stat(path)).size;
}

suite("Fetching in a unit of its own", { concurrency: 2 }, () => {
  test("an installer without network updates through the socket, and leaves no child behind", async (t) => {
    if (without === program) t.diagnostic("no network namespaces here: the installer has network");
    const { scene, unit, run } = await sceneBefore2();
    await using _ = scene;
    await using __ = unit;
    if (without !== program) {
      const alone = await scene.run(["update"], { program: without });
      assert.equal(alone.code, 1, "without the socket it reaches nothing");
      assert.match(reason(alone), /the network is unreachable|the connection was lost|refuses the connection/);
    }
    await scene.expect(0, ["update"], run);
    await scene.assertBootable(["1", "2"], two);
    assert.ok(unit.started >= 1);
    await unit.quiet();
  });

  test("a fetching child that is killed in the middle is replaced, and the same run finishes", async () => {
    const { scene, unit, run } = await sceneBefore2();
    await using _ = scene;
    await using __ = unit;
    scene.server.misbehave({ path: image, stallAfterBytes: 4 * mebibyte });
    const { ended } = scene.start(["update"], run);
    await untilSent(scene, 4 * mebibyte);
    scene.server.heal();
    const before = unit.started;
    for (const child of unit.running) child.kill("SIGKILL");
    const end = await ended;
    assert.equal(end.code, 0, end.stderr);
    assert.ok(unit.started > before, "another was started");
    await scene.assertBootable(["1", "2"], two);
    assert.ok(scene.server.bytesSent(image) < 16 * mebibyte, "it went on where it was");
    await unit.quiet();
  });

  test("an installer that is killed in the middle takes its child along, and the next run finishes", async () => {
    const { scene, unit, run } = await sceneBefore2();
    await using _ = scene;
    await using __ = unit;
    scene.server.misbehave({ path: image, stallAfterBytes: 4 * mebibyte });
    const { child, ended } = scene.start(["update"], run);
    while ((await stagedBytes(scene)) < mebibyte) await sleep(5);
    child.kill("SIGKILL");
    assert.equal((await ended).signal, "SIGKILL");
    await unit.quiet();
    await scene.assertBootable(["1"]);
    scene.server.heal();
    await scene.expect(0, ["update"], run);
    await scene.assertBootable(["1", "2"], two);
    assert.ok(scene.server.bytesSent(image) < 12 * mebibyte, "it went on where it was");
    await unit.quiet();
  });

  test("a socket at which nobody listens is a failure that can be tried again, and says where to look", async () => {
    const { scene, unit, run } = await sceneBefore2();
    await using _ = scene;
    await unit[Symbol.asyncDispose]();
    const end = await scene.run(["update"], run);
    assert.equal(end.code, 1);
    assert.match(end.stderr, /holdfast-fetch\.socket/);
    await scene.assertBootable(["1"]);
  });
});

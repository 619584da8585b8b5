// An interrupted update goes on from the byte where it stopped: after Ctrl-C, after a kill, from another mirror, and
// with what a power cut leaves of a file (P6). The server's count of bytes is the proof.
import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFile, open, stat, truncate } from "node:fs/promises";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { FaultServer } from "../../tools/lab/fault-server.ts";
import { fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { type Ended, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

const mebibyte = 1 << 20;
const imageBytes = 8 * mebibyte;
const image = "/os_2.erofs";
/** What may be on its way when a process dies: two pieces of the writer, and the sockets' buffers. */
const onItsWayMax = 4 * mebibyte;

let world: World;
let one: LabRelease;
let two: LabRelease;
before(async () => {
  world = await World.create();
  one = await world.release("1");
  two = await world.release("2", { imageBytes });
});
after(async () => world[Symbol.asyncDispose]());

/** Starts an update and ends it with a signal when so much of the image is on its way. */
async function interrupted(scene: Scene, signal: NodeJS.Signals, afterBytes: number): Promise<Ended> {
  scene.server.misbehave({ path: image, bytesPerSecond: 8 * mebibyte });
  const { child, ended } = scene.start(["update"]);
  while (scene.server.bytesSent(image) < afterBytes && child.exitCode === null) await sleep(5);
  child.kill(signal);
  const end = await ended;
  scene.server.heal();
  return end;
}

async function sceneBefore2(): Promise<Scene> {
  return world.scene({ offered: [one, two], installed: [one] });
}

/** Where the requests for the image began. */
function starts(server: FaultServer): readonly number[] {
  return server.requests(image).flatMap(({ method, range }) => {
    return method === "GET" ? [Number(/^bytes=(\d+)-$/.exec(range ?? "bytes=0-")?.[1])] : [];
  });
}

/** The one staging file, which is the image's. */
async function stagedImage(scene: Scene): Promise<string> {
  const [path, ...others] = await scene.staged();
  assert.deepEqual(others, []);
  assert.ok(path !== undefined);
  return path;
}

async function overwrite(path: string, position: number, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, "r+");
  await file.write(bytes, 0, bytes.length, position);
}

suite("An interrupted download goes on where it stopped", { concurrency: 2 }, () => {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    test(`after ${signal}, with all that had come`, async () => {
      await using scene = await sceneBefore2();
      const end = await interrupted(scene, signal, 5 * mebibyte);
      assert.equal(end.code, 5);
      assert.equal(reason(end), "Cannot finish `holdfast update`: it was interrupted");
      await scene.assertBootable(["1"]);
      const kept = (await stat(await stagedImage(scene))).size;
      await scene.assertHeals(["1", "2"], two);
      const [first, second, ...more] = starts(scene.server);
      assert.deepEqual([first, more], [0, []]);
      assert.equal(second, kept);
      assert.ok(kept >= 5 * mebibyte - onItsWayMax, `${kept} in the file`);
      assert.ok(scene.server.bytesSent(image) < imageBytes + onItsWayMax);
    });
  }

  test("after kill -9", async () => {
    await using scene = await sceneBefore2();
    const end = await interrupted(scene, "SIGKILL", 6 * mebibyte);
    assert.equal(end.signal, "SIGKILL");
    await scene.assertBootable(["1"]);
    await scene.assertHeals(["1", "2"], two);
    const [, second = 0] = starts(scene.server);
    assert.ok(second >= 6 * mebibyte - onItsWayMax, `resumed at ${second}`);
    assert.ok(scene.server.bytesSent(image) < imageBytes + onItsWayMax);
  });

  test("from another mirror", async () => {
    await using scene = await sceneBefore2();
    await interrupted(scene, "SIGINT", 5 * mebibyte);
    await using mirror = await FaultServer.start(scene.repository.folder);
    await scene.pointAt(mirror.url);
    await scene.assertHeals(["1", "2"], two);
    assert.deepEqual(starts(scene.server), [0]);
    const [begun = 0] = starts(mirror);
    assert.ok(begun >= 5 * mebibyte - onItsWayMax, `went on at ${begun}`);
    assert.equal(mirror.bytesSent(image), imageBytes - begun);
  });

  test("without the tail that a power cut left as zeros", async () => {
    await using scene = await sceneBefore2();
    await interrupted(scene, "SIGINT", 5 * mebibyte);
    const path = await stagedImage(scene);
    await overwrite(path, 3 * mebibyte, new Uint8Array(imageBytes - 3 * mebibyte));
    await scene.assertHeals(["1", "2"], two);
    const [, second = 0, ...more] = starts(scene.server);
    assert.deepEqual(more, []);
    assert.ok(second > 2 * mebibyte && second <= 3 * mebibyte, `resumed at ${second}`);
  });

  test("once more from the start when a byte of it was flipped", async () => {
    await using scene = await sceneBefore2();
    await interrupted(scene, "SIGINT", 5 * mebibyte);
    await overwrite(await stagedImage(scene), 1000, Buffer.from("?"));
    await scene.assertHeals(["1", "2"], two);
    const [, second = 0, ...more] = starts(scene.server);
    assert.ok(second >= 5 * mebibyte - onItsWayMax, `resumed at ${second}`);
    assert.deepEqual(more, [0]);
  });

  test("with a staging file that was emptied, or has grown beyond the image", async () => {
    await using scene = await sceneBefore2();
    await interrupted(scene, "SIGINT", 5 * mebibyte);
    await truncate(await stagedImage(scene), 0);
    await interrupted(scene, "SIGINT", 10 * mebibyte);
    await appendFile(await stagedImage(scene), Buffer.alloc(imageBytes, 1));
    await scene.assertHeals(["1", "2"], two);
  });

  test("that was finished and not installed: nothing is fetched twice", async () => {
    await using scene = await sceneBefore2();
    scene.server.misbehave({ path: "/os_2.efi", status: 404 });
    await scene.expect(1, ["update"]);
    scene.server.heal();
    await scene.assertHeals(["1", "2"], two);
    assert.equal(scene.server.bytesSent(image), fileOf(two, "image").sizeBytes);
  });

  test("again and again, until it is whole", async () => {
    await using scene = await sceneBefore2();
    for (const part of [2, 4, 6]) await interrupted(scene, "SIGINT", part * mebibyte);
    await scene.assertHeals(["1", "2"], two);
    const begun = starts(scene.server);
    assert.equal(begun.length, 4);
    assert.ok(
      begun.every((start, at) => at === 0 || start > (begun[at - 1] ?? 0)),
      `began at ${begun.join(", ")}`,
    );
  });
});

suite("Killed at any moment", { concurrency: 2 }, () => {
  for (const delayMs of [250, 400, 550, 700, 850, 1000]) {
    test(`a machine boots, and the next update finishes (kill after ${delayMs} ms)`, async () => {
      const small = await world.release("2");
      await using scene = await world.scene({ offered: [one, small], installed: [one] });
      const { child, ended } = scene.start(["update"]);
      await once(child, "spawn");
      await sleep(delayMs);
      child.kill("SIGKILL");
      await ended;
      const { broken, bootable } = await scene.audit(small);
      assert.deepEqual(broken, []);
      assert.ok(bootable.includes("1"));
      await scene.assertHeals(["1", "2"], small);
    });
  }
});

// Two updates at once, at sixteen offsets (peers.md: 2 of 16 pairs left half an installation): one works, the other
// waits or says who runs, and the machine is consistent either way. A dead owner's lock is not in the way.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { StatusReport } from "../../src/wire/reports.ts";
import type { LabRelease } from "../../tools/lab/release.ts";
import { json, reason } from "./run.ts";
import { type Scene, World } from "./world.ts";

let world: World;
let one: LabRelease;
let two: LabRelease;
let bigTwo: LabRelease;
before(async () => {
  world = await World.create();
  [one, two] = await world.releases(["1", "2"]);
  bigTwo = await world.release("2", { imageBytes: 6 << 20 });
});
after(async () => world[Symbol.asyncDispose]());

/** A machine on which an update has begun and will take a while. */
async function slowUpdate(): Promise<{ scene: Scene; running: ReturnType<Scene["start"]> }> {
  const scene = await world.scene({ offered: [one, bigTwo], installed: [one] });
  scene.server.misbehave({ path: "/os_2.erofs", bytesPerSecond: 1 << 20 });
  const running = scene.start(["update"]);
  while (scene.server.bytesSent("/os_2.erofs") < 1 << 19 && running.child.exitCode === null) await sleep(5);
  return { scene, running };
}

suite("Two updates at once", { concurrency: 2 }, () => {
  for (const offsetMs of [0, 60, 120, 180, 260, 340, 440, 560]) {
    test(`${offsetMs} ms apart: the second says who runs, or finds it done`, async () => {
      await using scene = await world.scene({ offered: [one, two], installed: [one] });
      const first = scene.start(["update"]);
      await sleep(offsetMs);
      const second = scene.start(["update"]);
      const ends = await Promise.all([first.ended, second.ended]);
      const codes = ends.map(({ code }) => code ?? -1).toSorted((a, b) => a - b);
      assert.ok(codes[0] === 0 && (codes[1] === 0 || codes[1] === 6), ends.map(({ stderr }) => stderr).join("\n"));
      for (const end of ends) {
        if (end.code === 6)
          assert.match(reason(end), /^Cannot start: ("update" \(process \d+\)|another holdfast) is running$/);
      }
      await scene.assertBootable(["1", "2"], two);
      assert.deepEqual((await scene.audit(two)).leftovers, []);
    });

    test(`${offsetMs} ms apart with --wait: both end well`, async () => {
      await using scene = await world.scene({ offered: [one, two], installed: [one] });
      const first = scene.start(["update", "--wait=60"]);
      await sleep(offsetMs);
      const ends = await Promise.all([first.ended, scene.run(["update", "--wait=60"])]);
      assert.deepEqual(
        ends.map(({ code }) => code),
        [0, 0],
        ends.map(({ stderr }) => stderr).join("\n"),
      );
      await scene.assertBootable(["1", "2"], two);
      assert.deepEqual((await scene.audit(two)).leftovers, []);
      assert.ok(scene.server.bytesSent("/os_2.erofs") === 200_000);
    });
  }
});

suite("While an update runs", { concurrency: 2 }, () => {
  test("looking works, changing does not, and both name who runs", async () => {
    const { scene, running } = await slowUpdate();
    await using _ = scene;
    const status = json(await scene.expect(0, ["status", "--json"])) as StatusReport;
    assert.deepEqual([status.lock?.command, status.lock?.pid], ["update", running.child.pid]);
    const others = [["vacuum"], ["rollback"], ["doctor", "--repair"], ["update", "2"]].map(async (args) => {
      const ended = await scene.expect(6, args);
      assert.equal(reason(ended), `Cannot start: "update" (process ${running.child.pid}) is running`);
    });
    await Promise.all(others);
    await scene.expect(0, ["doctor"]);
    assert.equal((await running.ended).code, 0);
    await scene.assertBootable(["1", "2"], bigTwo);
  });

  test("waiting for it can be broken off", async () => {
    const { scene, running } = await slowUpdate();
    await using _ = scene;
    const waiting = scene.start(["update", "--wait=60"]);
    await sleep(1500);
    waiting.child.kill("SIGINT");
    assert.equal((await waiting.ended).code, 5);
    assert.equal((await running.ended).code, 0);
    await scene.assertBootable(["1", "2"], bigTwo);
  });

  test("killing it leaves no lock behind", async () => {
    const { scene, running } = await slowUpdate();
    await using _ = scene;
    running.child.kill("SIGKILL");
    await running.ended;
    assert.equal((json(await scene.expect(0, ["status", "--json"])) as StatusReport).lock, null);
    scene.server.heal();
    await scene.assertHeals(["1", "2"], bigTwo);
  });
});

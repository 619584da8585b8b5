import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { listenAt } from "./listener.fixture.ts";
import { notifyProgress } from "./notify-progress.ts";

const lacking = ["systemd-notify", "perl"].filter((program) => spawnSync(program, ["--version"]).error !== undefined);
const skip = lacking.length === 0 ? false : `${lacking.join(" and ")} is not on this machine`;
const update = { version: "2", transfersDone: 0, transfersLeft: 1, transfers: true } as const;

test("the service manager hears READY at once, and in the end the last of many states", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-notify-"));
  try {
    for (const address of [join(folder, "notify"), `@holdfast-test-${process.pid}`]) {
      await using listener = await listenAt(address);
      {
        await using progress = notifyProgress({ socket: address });
        await listener.heard("READY=1");
        progress.report({ kind: "step", index: 1, count: 2, title: "Download os_2.erofs", update });
        for (let done = 0; done <= 1000; done++) progress.report({ kind: "bytes", done, total: 1000 });
      }
      await listener.heard("X_SYSUPDATE_PROGRESS=100");
      const told = listener.messages
        .map((message) => message.toString().trimEnd().split("\n"))
        // systemd-notify waits by it until the one before was read.
        .filter(([first]) => first !== "BARRIER=1");
      assert.deepEqual(told[0], ["READY=1"]);
      assert.deepEqual(told.at(-1)?.toSorted(), [
        "STATUS=Updating to 2: Download os_2.erofs (100%)",
        "X_SYSUPDATE_PROGRESS=100",
        "X_SYSUPDATE_TRANSFERS_DONE=0",
        "X_SYSUPDATE_TRANSFERS_LEFT=1",
        "X_SYSUPDATE_VERSION=2",
      ]);
      // A hundred whole percents, and a process for each would be too many.
      assert.ok(told.length < 20, `${told.length} messages`);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test("however fast states follow each other, a second has one message at most", { skip }, async () => {
  const address = `@holdfast-test-often-${process.pid}`;
  await using listener = await listenAt(address);
  const beganMs = performance.now();
  {
    await using progress = notifyProgress({ socket: address });
    progress.report({ kind: "step", index: 1, count: 2, title: "Download os_2.erofs", update });
    for (let done = 0; performance.now() - beganMs < 700; done++) {
      progress.report({ kind: "bytes", done: done % 100, total: 100 });
      await setTimeout(5);
    }
    progress.report({ kind: "bytes", done: 100, total: 100 });
  }
  await listener.heard("X_SYSUPDATE_PROGRESS=100");
  const count = listener.messages.filter((message) => !message.includes("BARRIER=1")).length;
  // The first at once, the last as it ends, and one a second between them.
  assert.ok(count <= 2 + (performance.now() - beganMs) / 1000, `${count} messages`);
});

test("nobody who listens, and no program to tell by, hold nothing up", { skip }, async () => {
  for (const options of [{ socket: "/nowhere/at/all" }, { socket: "no path" }, { socket: "/nowhere", path: "/none" }]) {
    await using progress = notifyProgress(options);
    progress.report({ kind: "step", index: 1, count: 1, title: "Audit" });
  }
});

// Sixty of the campaign's kills (`npm run campaign` makes more): nothing breaks, and the next run finishes (P1, P2, P3, P6).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { promisify } from "node:util";
import { callsIn } from "./interrupt.ts";
import { runKills } from "./kills.ts";
import { type FileSystem, fileSystems, whyNotMountable } from "./loop-disk.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-kills-test-"));
after(async () => rm(folder, { recursive: true, force: true }));

const strace = await promisify(execFile)("strace", ["-f", "-qq", "-e", "trace=none", "true"]).then(
  () => true,
  () => false,
);
const seed = Number(process.env["SEED"] ?? 20260301);

suite("Killed at random moments and before system calls", { concurrency: 2 }, () => {
  for (const kind of fileSystems) {
    test(`thirty times on ${kind}, nothing breaks and the next run finishes`, async (context) => {
      const why = await whyNotMountable(kind, folder);
      if (why !== undefined) return context.skip(why);
      await thirtyKills(kind);
    });
  }

  test("before each system call that strace can name", { skip: strace ? false : "strace does not work here" }, () => {
    const log = [
      `7 rename("/m/a", "/m/b") = 0`,
      `7 write(5<anon_inode:[eventfd]>, "/m/a", 8) = 8`,
      `7 write(6</m/c>, "{}", 2) = 2`,
      `8 rename("/n/a", "/m/b") = 0`,
      `8 rename("/m/c", "/m/d" <unfinished ...>`,
      `7 <... rename resumed>) = 0`,
      `7 --- SIGCHLD {si_signo=SIGCHLD} ---`,
    ].join("\n");
    assert.deepEqual(callsIn(log, "/m"), [
      { name: "rename", number: 1 },
      { name: "write", number: 2 },
      { name: "rename", number: 2 },
    ]);
  });
});

async function thirtyKills(kind: FileSystem): Promise<void> {
  const report = await runKills({
    kills: 30,
    kinds: [kind],
    seed,
    imageBytes: 6 << 20,
    bytesPerSecond: 40 << 20,
    // Half of the time goes into finding out which calls there are: once is enough.
    strace: strace && kind === "ext4",
  });
  const failures = report.rows.flatMap((row) => row.failures);
  assert.deepEqual(failures, [], `seed ${seed}\n${failures.join("\n")}`);
  const kills = report.rows.reduce((sum, row) => sum + row.atMoments + row.beforeCalls, 0);
  assert.equal(kills, 30);
}

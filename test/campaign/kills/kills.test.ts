// Sixty of the campaign's kills (`npm run campaign` makes more): nothing breaks, and the next run finishes (P1, P2, P3, P6).
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { callsIn } from "./interrupt.ts";
import { runKills } from "./kills.ts";
import { type FileSystem, fileSystems, whyNotMountable } from "./loop-disk.ts";
import { canTrace } from "./part.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-kills-test-"));
after(async () => rm(folder, { recursive: true, force: true }));

const strace = await canTrace();
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
    assert.deepEqual(callsIn(log, "/m"), {
      places: [
        { name: "rename", number: 1 },
        { name: "write", number: 2 },
        { name: "rename", number: 2 },
      ],
      hidden: 0,
    });
  });

  test("before the calls of a thread that another one outruns, by their paths, unless the paths are random", () => {
    const log = [
      `7 fsync(6</n/c>) = 0`,
      `8 fsync(6</m/c>) = 0`,
      `9 fsync(7</m/.c.json.0123456789ab>) = 0`,
      `9 renameat2(AT_FDCWD</>, "/m/a", AT_FDCWD</>, "/m/b", 0) = 0`,
    ].join("\n");
    assert.deepEqual(callsIn(log, "/m"), {
      places: [
        { name: "fsync", path: "/m/c", number: 1 },
        { name: "renameat2", number: 1 },
      ],
      hidden: 1,
    });
  });
});

async function thirtyKills(kind: FileSystem): Promise<void> {
  // A third of the time goes into finding out which calls there are: once is enough.
  const calls = strace && kind === "ext4" ? 15 : 0;
  const report = await runKills({
    moments: 30 - calls,
    calls,
    kinds: [kind],
    seed,
    imageBytes: 6 << 20,
    bytesPerSecond: 40 << 20,
  });
  const failures = report.rows.flatMap((row) => row.failures);
  assert.deepEqual(failures, [], `seed ${seed}\n${failures.join("\n")}`);
  assert.equal(
    report.rows.reduce((sum, row) => sum + row.kills, 0),
    30,
  );
}

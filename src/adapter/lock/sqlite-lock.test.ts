import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { lockContract } from "../../port/lock.contract.ts";
import { sqliteLock } from "./sqlite-lock.ts";

const lockOf = (root: string): ReturnType<typeof sqliteLock> =>
  sqliteLock({ root, pid: process.pid, nowMs: () => 1_700_000_000_000 });

async function withFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "holdfast-lock-")));
  try {
    await body(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

lockContract("sqliteLock", async () => {
  const root = await realpath(await mkdtemp(join(tmpdir(), "holdfast-lock-")));
  return { lock: lockOf(root), path: "/lock", done: () => rm(root, { recursive: true, force: true }) };
});

test("a lock is held against another process, names it, and is free when that process is killed", async () => {
  await withFolder(async (folder) => {
    const module = new URL("sqlite-lock.ts", import.meta.url).href;
    const script = `
      const { sqliteLock } = await import(${JSON.stringify(module)});
      globalThis.held = await sqliteLock({ root: ${JSON.stringify(folder)}, pid: process.pid, nowMs: Date.now }).acquire("/lock", "update 3.0", 0);
      console.log("held");
      setInterval(() => undefined, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    const lock = lockOf(folder);
    assert.equal((await lock.owner("/lock"))?.pid, child.pid);
    await assert.rejects(lock.acquire("/lock", "vacuum", 0), {
      code: "busy",
      message: `Cannot start: "update 3.0" (process ${child.pid}) is running`,
    });
    const waiting = lock.acquire("/lock", "vacuum", 20_000, () => child.kill("SIGKILL"));
    await using _held = await waiting;
    assert.equal((await lock.owner("/lock"))?.pid, process.pid);
  });
});

test("a lock file with anything else in it is no obstacle", async () => {
  await withFolder(async (folder) => {
    await writeFile(join(folder, "lock"), "x".repeat(5000));
    await writeFile(join(folder, "lock.owner"), "{]");
    const lock = lockOf(folder);
    await using _held = await lock.acquire("/lock", "update", 0);
    await assert.rejects(lock.acquire("/lock", "update", 0), { code: "busy" });
  });
});

test("a lock that cannot be made says why", async () => {
  await withFolder(async (folder) => {
    const lock = lockOf(folder);
    await assert.rejects(lock.acquire("/none/lock", "update", 0), { code: "not-found" });
    await assert.rejects(lock.acquire("/", "update", 0), { code: "io-error" });
    await symlink("/etc/nothing", join(folder, "lock"));
    await assert.rejects(lock.acquire("/lock", "update", 0), { code: "not-found" });
  });
});

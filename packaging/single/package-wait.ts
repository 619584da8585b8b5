// What the package's prerm asks before it lets the executable be replaced or removed: is any Holdfast at work? Nothing is
// changed by asking, and nothing is made where there is nothing.
import { readdir } from "node:fs/promises";
import { setTimeout as after } from "node:timers/promises";
import { sqliteLock } from "../../src/adapter/lock/sqlite-lock.ts";
import { exit } from "../../src/base/exit-code.ts";
import type { LockOwner } from "../../src/port/lock.ts";

const state = "/var/lib/holdfast";
const pollMs = 250;

/** `holdfast package-wait SECONDS`: exit code 6 and a line on standard error where one is still at work at the end, else 0. */
export async function waitUntilIdle(seconds: number): Promise<number> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const owner = await whoWorks();
    if (owner === undefined) return exit.done;
    if (performance.now() >= deadline) {
      console.error(`holdfast: "holdfast ${owner.command.slice(0, 200)}" (process ${owner.pid}) is running`);
      return exit.busy;
    }
    await after(pollMs);
  }
}

/** The machine's own lock, and one for each component. */
async function whoWorks(): Promise<LockOwner | undefined> {
  const components = await readdir(`${state}/components`).catch(() => []);
  const lock = sqliteLock({ root: "/", pid: process.pid, nowMs: () => Date.now() });
  for (const folder of [state, ...components.map((name) => `${state}/components/${name}`)]) {
    const owner = await lock.owner(`${folder}/lock`).catch(() => undefined);
    if (owner !== undefined) return owner;
  }
  return undefined;
}

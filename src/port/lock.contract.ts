// What every Lock must do, as tests: one at a time, and who waits is told for whom.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Lock, LockOwner } from "./lock.ts";

export interface LockFixture {
  readonly lock: Lock;
  /** A path in an existing folder; nothing is there yet. */
  readonly path: string;
  done(): Promise<void>;
}

export function lockContract(name: string, make: () => Promise<LockFixture>): void {
  const check = (sentence: string, body: (lock: Lock, path: string) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture.lock, fixture.path);
      } finally {
        await fixture.done();
      }
    });
  };

  describe(`${name} keeps the Lock contract`, () => {
    check("the second is refused with the name of the first", async (lock, path) => {
      await using _held = await lock.acquire(path, "update 2.0", 0);
      assert.equal((await lock.owner(path))?.command, "update 2.0");
      await assert.rejects(lock.acquire(path, "vacuum", 0), (error: unknown) => {
        assert.ok(error instanceof Fault);
        assert.deepEqual([error.code, error.kind, error.retriable], ["busy", "busy", true]);
        assert.match(error.message, /^Cannot .*update 2\.0/);
        return true;
      });
      assert.equal((await lock.owner(path))?.command, "update 2.0");
    });

    check("who waits is told once and gets the lock when it is given back", async (lock, path) => {
      const held = await lock.acquire(path, "update", 0);
      const told: (LockOwner | undefined)[] = [];
      const waiting = lock.acquire(path, "doctor", 10_000, (owner) => {
        told.push(owner);
        void held[Symbol.asyncDispose]();
      });
      await using _second = await waiting;
      assert.deepEqual(
        told.map((owner) => owner?.command),
        ["update"],
      );
      assert.equal((await lock.owner(path))?.command, "doctor");
    });

    check("a lock given back, once or twice, has no owner and can be had again", async (lock, path) => {
      assert.equal(await lock.owner(path), undefined);
      const held = await lock.acquire(path, "update", 0);
      await held[Symbol.asyncDispose]();
      await held[Symbol.asyncDispose]();
      assert.equal(await lock.owner(path), undefined);
      await using _again = await lock.acquire(path, "update", 0, () => assert.fail("waited for nobody"));
    });

    check("giving back an old lock twice does not free the new one", async (lock, path) => {
      const held = await lock.acquire(path, "update", 0);
      await held[Symbol.asyncDispose]();
      await using _second = await lock.acquire(path, "doctor", 0);
      await held[Symbol.asyncDispose]();
      assert.equal((await lock.owner(path))?.command, "doctor");
      await assert.rejects(lock.acquire(path, "vacuum", 0), { code: "busy" });
    });

    check("locks at two paths do not know each other", async (lock, path) => {
      await using _one = await lock.acquire(path, "update", 0);
      await using _two = await lock.acquire(`${path}-2`, "update", 0);
    });

    check("waiting is broken off by its signal", async (lock, path) => {
      await using _held = await lock.acquire(path, "update", 0);
      const controller = new AbortController();
      const waiting = lock.acquire(path, "doctor", 3_600_000, () => controller.abort(), controller.signal);
      await assert.rejects(waiting, (error: unknown) => error instanceof Fault && error.kind === "interrupted");
    });
  });
}

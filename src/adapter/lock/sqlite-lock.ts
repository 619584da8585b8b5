// The Lock port: an exclusive transaction of SQLite on the lock file, which the kernel ends when its owner dies.
// Who holds it is written beside it, as a courtesy: the file `PATH.owner` is read only while the lock is held.
import { open, readFile, rename, rm, stat, truncate, writeFile } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as after } from "node:timers/promises";
import { Fault } from "../../base/fault.ts";
import type { Lock, LockOwner } from "../../port/lock.ts";
import { orFault } from "../disk/errno.ts";
import { locate } from "../disk/locate.ts";

const pollMs = 100;
/** `owner` looks by taking a shared lock for a moment; who meets that moment tries again before calling it busy. */
const quickTries = 4;
const quickTryMs = 20;
const ownerBytesMax = 4096;

/** Result codes of SQLite (sqlite3.h). */
const sqlite = { busy: 5, readOnly: 8, cannotOpen: 14, notADatabase: 26, corrupt: 11 };

function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number"
    ? error.errcode & 0xff
    : undefined;
}

export interface SqliteLockOptions {
  readonly root: string;
  readonly pid: number;
  readonly nowMs: () => number;
}

export function sqliteLock(options: SqliteLockOptions): Lock {
  return new SqliteLock(options);
}

class SqliteLock implements Lock {
  readonly #options: SqliteLockOptions;

  constructor(options: SqliteLockOptions) {
    this.#options = options;
  }

  async acquire(
    path: string,
    command: string,
    waitMs: number,
    onWait?: (owner: LockOwner | undefined) => void,
    signal?: AbortSignal,
  ): Promise<AsyncDisposable> {
    const { host } = await locate(this.#options.root, path, true);
    const deadline = performance.now() + waitMs;
    let told = false;
    for (let tries = 1; ; tries += 1) {
      const database = await tryLock(host, path);
      if (database !== undefined) return this.#hold(database, host, command);
      if (tries >= quickTries) {
        const owner = await readOwner(host);
        if (performance.now() >= deadline) throw busy(owner);
        if (!told) onWait?.(owner);
        told = true;
      }
      await after(tries < quickTries ? quickTryMs : pollMs, undefined, signal === undefined ? {} : { signal }).catch(
        (cause: unknown) => {
          throw new Fault("interrupted", `Cannot go on waiting for the lock ${path}: it was broken off`, {
            kind: "interrupted",
            cause,
          });
        },
      );
    }
  }

  async owner(path: string): Promise<LockOwner | undefined> {
    const { host, present } = await locate(this.#options.root, path, true);
    if (!present) return undefined;
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(host, { readOnly: true, timeout: 0 });
      database.exec("SELECT count(*) FROM sqlite_schema");
      return undefined;
    } catch (error) {
      return sqliteCode(error) === sqlite.busy ? await readOwner(host) : undefined;
    } finally {
      database?.close();
    }
  }

  async #hold(database: DatabaseSync, host: string, command: string): Promise<AsyncDisposable> {
    const facts: LockOwner = { pid: this.#options.pid, command, sinceMs: this.#options.nowMs() };
    try {
      await writeFile(`${host}.owner.new`, JSON.stringify(facts), { mode: 0o644 });
      await rename(`${host}.owner.new`, `${host}.owner`);
    } catch {
      // The lock holds without its courtesy, also on a full disk.
    }
    return {
      async [Symbol.asyncDispose]() {
        if (!database.isOpen) return;
        await rm(`${host}.owner`, { force: true }).catch(() => undefined);
        database.close();
      },
    };
  }
}

/** An open database with an exclusive lock, or `undefined` when another has it. */
async function tryLock(host: string, path: string): Promise<DatabaseSync | undefined> {
  for (let tries = 0; ; tries += 1) {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(host, { timeout: 0 });
      database.exec("BEGIN EXCLUSIVE");
      return database;
    } catch (error) {
      database?.close();
      const code = sqliteCode(error);
      if (code === sqlite.busy) return undefined;
      // Whatever wrote that, nobody can hold it: only an empty file is ever locked. Emptied, not removed, so that
      // two who find it at once still meet at one file.
      if ((code === sqlite.notADatabase || code === sqlite.corrupt) && tries < 3)
        await orFault(`empty the lock ${path}`, truncate(host));
      else throw await lockFault(host, path, error);
    }
  }
}

/** SQLite only says that it cannot open; the kernel says why. */
async function lockFault(host: string, path: string, error: unknown): Promise<Error> {
  const code = sqliteCode(error);
  if (code === undefined) return error instanceof Error ? error : new Error(String(error));
  if ((await stat(host).catch(() => undefined))?.isFile() !== false) {
    await orFault(
      `take the lock ${path}`,
      open(host, "a").then((file) => file.close()),
    );
  }
  return new Fault(
    "io-error",
    `Cannot take the lock ${path}: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
}

/** The facts beside the lock, if they are there and make sense. */
async function readOwner(host: string): Promise<LockOwner | undefined> {
  try {
    const text = await readFile(`${host}.owner`, "utf8");
    if (text.length > ownerBytesMax) return undefined;
    const facts: unknown = JSON.parse(text);
    if (typeof facts !== "object" || facts === null) return undefined;
    const { pid, command, sinceMs } = facts as Record<string, unknown>;
    if (typeof pid !== "number" || typeof command !== "string" || typeof sinceMs !== "number") return undefined;
    return { pid, command, sinceMs };
  } catch {
    return undefined;
  }
}

function busy(owner: LockOwner | undefined): Fault<"busy"> {
  const who = owner === undefined ? "another holdfast" : `"${owner.command.slice(0, 200)}" (process ${owner.pid})`;
  return new Fault("busy", `Cannot start: ${who} is running`, {
    kind: "busy",
    retriable: true,
    hint: "Try again when it has ended.",
    details: owner === undefined ? {} : { owner },
  });
}

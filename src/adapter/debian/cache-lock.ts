// One toolbox at a time: a lock that is freed when its owner ends, however it ends (SQLite's, as in DESIGN).
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";

/** Waits for the lock of a cache folder; `onWait` is called once when another process holds it. */
export async function lockCache(cache: string, onWait: () => void): Promise<Disposable> {
  await mkdir(cache, { recursive: true });
  const database = new DatabaseSync(join(cache, "lock"), { timeout: 0 });
  for (let tries = 0; ; tries++) {
    try {
      database.exec("BEGIN EXCLUSIVE");
      return { [Symbol.dispose]: () => database.close() };
    } catch (error) {
      if (!(error instanceof Error && /locked|busy/i.test(error.message))) {
        database.close();
        throw error;
      }
      if (tries === 0) onWait();
      await sleep(200);
    }
  }
}

// One publisher at a time.
import type { RepositorySettings } from "../wire/repository.ts";
import { ownFolder, type Publisher } from "./publisher.ts";
import { readSettings } from "./settings.ts";

/** Whatever changes the repository, or what is staged for it, holds the lock; its own folder is there. Fault: `busy`. */
export async function locked<T>(publisher: Publisher, command: string, work: () => Promise<T>): Promise<T> {
  const { lock, progress } = publisher.machine;
  await using held = await lock.acquire(
    `${ownFolder(publisher)}/lock`,
    command,
    publisher.lockWaitMs ?? 0,
    (owner) => progress.report({ kind: "note", text: `Waiting for ${owner?.command ?? "another publisher"}` }),
    publisher.signal,
  );
  void held;
  return await work();
}

/** As `locked`, in a folder that is a repository: of another one nothing is made. Faults: those of `readSettings` too. */
export async function inRepository<T>(
  publisher: Publisher,
  command: string,
  work: (settings: RepositorySettings) => Promise<T>,
): Promise<T> {
  await readSettings(publisher);
  return locked(publisher, command, async () => work(await readSettings(publisher)));
}

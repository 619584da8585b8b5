// The Lock port: one at a time. The lock is freed when its owner dies, so a dead owner is never in the way.

export interface LockOwner {
  readonly pid: number;
  readonly command: string;
  readonly sinceMs: number;
}

/** Fault code `busy` (kind `busy`): names the owner. */
export interface Lock {
  /** Waits up to `waitMs` for the lock at `path`; calls `onWait` once when it has to. */
  acquire(
    path: string,
    command: string,
    waitMs: number,
    onWait?: (owner: LockOwner | undefined) => void,
    signal?: AbortSignal,
  ): Promise<AsyncDisposable>;
  /** Who holds it now, if anyone. */
  owner(path: string): Promise<LockOwner | undefined>;
}

// The Subscribers port: programs that want to hear of every completed update, as systemd's extensions, boot loader and
// policies do (interfaces D.7, OnCompletedUpdate). What they make of it is theirs: no update waits for them without bound.

export interface CompletedUpdate {
  readonly component?: string;
  readonly version: string;
  readonly resources: readonly { readonly transfer: string; readonly path?: string }[];
}

export interface Subscribers {
  /**
   * Tells everyone who listens; `undefined`: that they look anew, although nothing was updated. Never throws, and takes a
   * bounded time. Returns a sentence for each who could not be told, or said that it failed.
   */
  tell(update: CompletedUpdate | undefined): Promise<readonly string[]>;
}

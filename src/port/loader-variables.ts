// The Loader port: what boot loader and firmware tell and are told through EFI variables (interfaces D.8).
// Absent on a tree that is not running: then `available` is false and every read is `undefined`.

/** Names without the vendor UUID 4a67b082-0a4c-41cf-b6c7-440b29bb8c4f. */
export type LoaderVariable =
  | "LoaderInfo"
  | "LoaderEntrySelected"
  | "LoaderEntryDefault"
  | "LoaderEntryPreferred"
  | "LoaderEntryOneShot"
  | "LoaderEntrySysFail"
  | "LoaderEntryLastBooted"
  | "LoaderBootCountPath"
  | "LoaderDevicePartUUID";

/** The firmware's own list of what it starts (UEFI 3.1): names under the vendor UUID 8be4df61-93ca-11d2-aa0d-00e098032b8c. */
export type BootListVariable = "BootOrder" | `Boot${string}`;

/** Fault codes: `no-permission`, `io-error`. */
export interface LoaderVariables {
  readonly available: boolean;
  read(name: LoaderVariable): Promise<string | undefined>;
  /** `undefined` deletes it. Reads back and throws `io-error` unless it holds. */
  write(name: LoaderVariable, value: string | undefined): Promise<void>;
  /** The bytes of a variable of the firmware, without its attributes. */
  readBootList(name: BootListVariable): Promise<Uint8Array | undefined>;
  /** Reads back and throws `io-error` unless it holds. Only our own options are written, and the order they stand in. */
  writeBootList(name: BootListVariable, bytes: Uint8Array): Promise<void>;
}

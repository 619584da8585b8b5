// The Firmware port: what the firmware, and shim where it was started first, say about Secure Boot (UEFI 32; P12).
// Only ever read. Absent on a tree that is not running: then `available` is false and every read is `undefined`.

export type FirmwareVariable =
  | "SecureBoot"
  | "SetupMode"
  | "db"
  | "dbx"
  | "MokListRT"
  | "MokListXRT"
  | "MokSBStateRT"
  | "SbatLevelRT";

export const firmwareVariables: readonly FirmwareVariable[] = [
  "SecureBoot",
  "SetupMode",
  "db",
  "dbx",
  "MokListRT",
  "MokListXRT",
  "MokSBStateRT",
  "SbatLevelRT",
];

/** Fault codes: `no-permission`, `io-error`. */
export interface Firmware {
  readonly available: boolean;
  /** The bytes of the variable, without its attributes. */
  read(name: FirmwareVariable): Promise<Uint8Array | undefined>;
}

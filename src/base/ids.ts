// The ids that travel through every layer, and the only functions that make them.
import type { Brand } from "./brand.ts";
import { Fault } from "./fault.ts";

/** A version of the whole OS. Characters as systemd's `version_is_valid` takes them (interfaces D.2). */
export type Version = Brand<string, "Version">;

/** A SHA-256 as 64 lower-case hex digits. */
export type Sha256 = Brand<string, "Sha256">;

/** A UUID in lower case with dashes. */
export type Uuid = Brand<string, "Uuid">;

const versionText = /^[0-9A-Za-z.~^_+-]{1,255}$/;
const sha256Text = /^[0-9a-f]{64}$/;
const uuidText = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isVersion(text: string): text is Version {
  return versionText.test(text);
}

export function parseVersion(text: string): Version {
  if (isVersion(text)) return text;
  throw new Fault(
    "bad-version",
    `Cannot read ${JSON.stringify(text.slice(0, 80))} as a version: it has characters no version has`,
    {
      hint: "Versions consist of letters, digits and . - ~ ^ _ +",
      kind: "usage",
    },
  );
}

export function isSha256(text: string): text is Sha256 {
  return sha256Text.test(text);
}

export function parseSha256(text: string): Sha256 {
  const lower = text.toLowerCase();
  if (isSha256(lower)) return lower;
  throw new Fault("bad-digest", "Cannot read a SHA-256: it is not 64 hex digits");
}

/** Of nothing. */
export const emptySha256: Sha256 = parseSha256("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

/** Takes 32 hex digits with or without dashes, in any case. */
export function parseUuid(text: string): Uuid {
  const hex = text.replaceAll("-", "").toLowerCase();
  const dashed = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  if (uuidText.test(dashed)) return dashed as Uuid;
  throw new Fault("bad-uuid", `Cannot read ${JSON.stringify(text.slice(0, 80))} as a UUID`);
}

// Why a release is not published: each reason with a code of its own.
import { Fault } from "../base/fault.ts";

export type ReleaseFaultCode =
  | "already-staged"
  | "entry-lacks-image"
  | "entry-other-architecture"
  | "entry-other-hash"
  | "entry-other-image"
  | "entry-other-version"
  | "file-damaged"
  | "image-other-version"
  | "initrd-without-parts"
  | "name-begins-like"
  | "name-not-plain"
  | "name-of-other-version"
  | "name-taken-twice"
  | "name-too-long"
  | "name-without-version"
  | "published-otherwise"
  | "resource-missing"
  | "verity-other-size"
  | "version-no-name"
  | "version-not-newer";

export function refusal(code: ReleaseFaultCode, message: string, hint: string): Fault<ReleaseFaultCode> {
  return new Fault(code, message, { hint, kind: "refused" });
}

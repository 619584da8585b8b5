// Why a list of a source is not believed, in the words that the pair and the index share (P9, P13).
import { Fault } from "../../base/fault.ts";
import type { Session } from "../session.ts";

export type ManifestFaultCode =
  | "no-manifest"
  | "no-signature"
  | "manifest-damaged"
  | "manifest-stale"
  | "manifest-older"
  | "manifest-is-html"
  | "not-acquired";

/** Says which list it was that the signature did not prove. A keyring that is absent or damaged is no fault of the list. */
export function untrusted(error: unknown, path: string): unknown {
  if (!(error instanceof Fault) || ["damaged-keyring", "no-keyring"].includes(error.code)) return error;
  const state = error.message.slice(error.message.indexOf(": ") + 2);
  return new Fault(error.code, `Cannot trust ${path}: ${state}`, {
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    retriable: error.retriable,
    cause: error,
  });
}

/** `what` follows "it was" or "it is": "signed on DAY, before the one accepted here last (DAY)". */
export function older(path: string, what: string): Fault<ManifestFaultCode> {
  return new Fault("manifest-older", `Cannot use ${path}: ${what}`, {
    hint: "The mirror is behind, or someone plays back an old list. Use another mirror or wait.",
    kind: "refused",
  });
}

export function signedEarlier(path: string, signedAtMs: number, floorMs: number): Fault<ManifestFaultCode> {
  return older(path, `it was signed on ${day(signedAtMs)}, before the one accepted here last (${day(floorMs)})`);
}

/** `since` is absent where nothing is stale. */
export function refuseStale(session: Session, path: string, since: string | undefined): void {
  if (since === undefined || session.machine.process.environment("SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS") === "0") return;
  throw new Fault<ManifestFaultCode>("manifest-stale", `Cannot use ${path}: it was good until ${since} only`, {
    hint: "The mirror is no longer kept up to date, or this machine's clock is ahead. SYSTEMD_SYSUPDATE_VERIFY_FRESHNESS=0 overrides.",
    kind: "refused",
  });
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace("T", " ");
}

// Who may sign: the local keyring and the vendor's (interfaces D.4; P9). One after the other, because they may be of
// different kinds; a key that either of them has revoked signs nothing.
import { Fault } from "../../base/fault.ts";
import type { Signature } from "../../port/verifier.ts";
import type { Session } from "../session.ts";
import { readSmall } from "../state/small-file.ts";

const maxKeyringBytes = 16 * 1024 * 1024;

/** In each of the two places the first that is there; .gpg is what older systems have. */
const places = ["/etc/systemd", "/usr/lib/systemd"].map((folder) => [
  `${folder}/import-pubring.pgp`,
  `${folder}/import-pubring.gpg`,
]);

async function readFirst(session: Session, paths: readonly string[]): Promise<Uint8Array | undefined> {
  for (const path of paths) {
    const keyring = await readSmall(session.machine.disk, path, maxKeyringBytes);
    if (keyring !== undefined) return keyring;
  }
  return undefined;
}

/** What was named, or SYSTEMD_OPENPGP_KEYRING, stands in place of both. */
export async function readKeyrings(session: Session): Promise<readonly Uint8Array[]> {
  const named = session.settings.keyring ?? session.machine.process.environment("SYSTEMD_OPENPGP_KEYRING");
  const wanted = named === undefined ? places : [[named]];
  const found: Uint8Array[] = [];
  for (const paths of wanted) {
    const keyring = await readFirst(session, paths);
    if (keyring !== undefined) found.push(keyring);
  }
  if (found.length > 0) return found;
  throw new Fault("no-keyring", `Cannot verify anything: there is no keyring at ${wanted.flat().join(" or ")}`, {
    hint: "Put the public key of whoever signs your system's releases there, for example with gpg --export.",
  });
}

/** What a refusal says about the signature; the most telling first. */
const byWeight = ["revoked-key", "bad-signature", "expired-key", "damaged-signature", "damaged-keyring"];

function weightOf(code: string): number {
  const at = byWeight.indexOf(code);
  return at < 0 ? byWeight.length : at;
}

/** Checks a signature against all keyrings of the machine. Fault codes: those of the Verifier port, and `no-keyring`. */
export async function verifySignature(
  session: Session,
  text: Uint8Array,
  signature: Uint8Array,
  nowMs: number,
): Promise<Signature> {
  let good: Signature | undefined;
  const refusals: Fault[] = [];
  for (const keyring of await readKeyrings(session)) {
    try {
      const judged = await session.machine.verifier.verify(text, signature, keyring, nowMs);
      good ??= judged;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      refusals.push(error);
    }
  }
  const [worst] = refusals.toSorted((a, b) => weightOf(a.code) - weightOf(b.code));
  if (good !== undefined && worst?.code !== "revoked-key") return good;
  throw worst ?? new Error("Assertion failed: a signature that is not good was refused");
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { simDigest as digest } from "../digest/sim-digest.ts";
import { simKeyring, simSign, SimVerifier } from "./sim-verifier.ts";

const text = new TextEncoder().encode("the text");
const key = { fingerprint: "AB", userId: "someone" };
const verifier = new SimVerifier(digest);

test("a signature of a key in the keyring is good, and says whose and when", async () => {
  const signature = simSign(digest, key, text, 5);
  assert.deepEqual(await verifier.verify(text, signature, simKeyring([{ fingerprint: "CD" }, key]), 10), {
    fingerprint: "AB",
    signedAtMs: 5,
    userId: "someone",
  });
});

test("everything else is refused with its own code", async () => {
  const signature = simSign(digest, key, text, 5);
  const other = new TextEncoder().encode("another");
  const table: [Uint8Array, Uint8Array, Uint8Array, string][] = [
    [other, signature, simKeyring([key]), "bad-signature"],
    [text, signature, simKeyring([]), "unknown-signer"],
    [text, signature, simKeyring([{ ...key, revoked: true }]), "revoked-key"],
    [text, signature, simKeyring([{ ...key, expiresMs: 10 }]), "expired-key"],
    [text, signature.slice(0, -3), simKeyring([key]), "damaged-signature"],
    [text, signature, other, "damaged-keyring"],
  ];
  for (const [signed, by, keyring, code] of table)
    await assert.rejects(verifier.verify(signed, by, keyring, 10), { code });
});

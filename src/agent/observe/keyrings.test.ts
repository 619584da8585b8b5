import assert from "node:assert/strict";
import { test } from "node:test";
import { Fault } from "../../base/fault.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { SimWorld } from "../../sim/machine.ts";
import { type SimKey, simKeyring, simSign } from "../../sim/verifier/sim-verifier.ts";
import { verifySignature } from "./keyrings.ts";

const local = { fingerprint: "AA" };
const vendor = { fingerprint: "BB" };
const text = new TextEncoder().encode("list\n");
const nowMs = Date.UTC(2026, 0, 1);

async function verdict(
  signer: SimKey,
  rings: Readonly<Record<string, readonly SimKey[]>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<string> {
  const world = new SimWorld({
    seed: 1,
    startMs: nowMs,
    servers: [],
    fileSystems: [{ mountPoint: "/", type: "ext4", sizeBytes: 1e6 }],
    environment,
  });
  for (const [path, keys] of Object.entries(rings)) world.tree.plant(path, simKeyring(keys));
  const { machine } = world.run();
  const session = { machine, settings: { live: true }, signal: new AbortController().signal };
  try {
    return (await verifySignature(session, text, simSign(simDigest, signer, text, nowMs), nowMs)).fingerprint;
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
}

test("a key of the local keyring or of the vendor's may sign", async () => {
  const rings = { "/etc/systemd/import-pubring.gpg": [local], "/usr/lib/systemd/import-pubring.pgp": [vendor] };
  assert.equal(await verdict(local, rings), "AA");
  assert.equal(await verdict(vendor, rings), "BB");
  assert.equal(await verdict({ fingerprint: "CC" }, rings), "unknown-signer");
});

test("in one place .pgp hides .gpg", async () => {
  const rings = { "/etc/systemd/import-pubring.pgp": [vendor], "/etc/systemd/import-pubring.gpg": [local] };
  assert.equal(await verdict(local, rings), "unknown-signer");
});

test("a keyring that is named stands in place of all others", async () => {
  const rings = { "/etc/systemd/import-pubring.pgp": [local], "/named": [vendor] };
  assert.equal(await verdict(local, rings, { SYSTEMD_OPENPGP_KEYRING: "/named" }), "unknown-signer");
  assert.equal(await verdict(vendor, rings, { SYSTEMD_OPENPGP_KEYRING: "/named" }), "BB");
});

test("a key that one keyring has revoked signs nothing, whatever the other says", async () => {
  const revoked = { ...vendor, revoked: true };
  const paths = ["/etc/systemd/import-pubring.pgp", "/usr/lib/systemd/import-pubring.pgp"] as const;
  assert.equal(await verdict(vendor, { [paths[0]]: [revoked], [paths[1]]: [vendor] }), "revoked-key");
  assert.equal(await verdict(vendor, { [paths[0]]: [vendor], [paths[1]]: [revoked] }), "revoked-key");
});

test("without any keyring nothing can be verified", async () => {
  assert.equal(await verdict(local, {}), "no-keyring");
});

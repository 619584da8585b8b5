import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import * as openpgp from "openpgp";
import { Fault } from "../../base/fault.ts";
import { verifierContract } from "../../port/verifier.contract.ts";
import { openpgpVerifier } from "./openpgp-verifier.ts";

const run = promisify(execFile);
const madeAt = "20260101T000000";
const madeAtMs = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;
const nowMs = madeAtMs + 3_600_000;

/** Real keys, made once by real gpg in a home of their own. */
let folder = "";
const gpg = async (args: readonly string[], time: string = madeAt): Promise<Buffer> => {
  const { stdout } = await run(
    "gpg",
    [
      "--homedir",
      join(folder, "home"),
      "--batch",
      "--quiet",
      "--faked-system-time",
      `${time}!`,
      "--passphrase",
      "",
      "--pinentry-mode",
      "loopback",
      ...args,
    ],
    { encoding: "buffer" },
  );
  return stdout;
};

/** An address of each key; algorithms and expiry as `--quick-generate-key` takes them. */
const keys = {
  one: ["one@example.org", "rsa2048", "never"],
  two: ["two@example.org", "ed25519", "never"],
  short: ["short@example.org", "rsa1024", "never"],
  brief: ["brief@example.org", "ed25519", "2d"],
  revoked: ["revoked@example.org", "ed25519", "never"],
  nist: ["nist@example.org", "nistp256", "never"],
} as const;
type Who = keyof typeof keys;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-gpg-"));
  await mkdir(join(folder, "home"), { mode: 0o700 });
  for (const [address, algorithm, expiry] of Object.values(keys))
    await gpg(["--quick-generate-key", address, algorithm, "sign", expiry]);
});

after(async () => {
  await run("gpgconf", ["--homedir", join(folder, "home"), "--kill", "all"]).catch(() => undefined);
  await rm(folder, { recursive: true, force: true });
});

let serial = 0;
async function sign(
  text: Uint8Array,
  who: readonly Who[],
  more: readonly string[] = [],
  time: string = madeAt,
): Promise<Buffer> {
  const file = join(folder, `text-${(serial += 1)}`);
  await writeFile(file, text);
  const users = who.flatMap((one) => ["--local-user", keys[one][0]]);
  return gpg([...users, ...more, "--output", "-", "--detach-sign", file], time);
}

function keyring(who: readonly Who[], more: readonly string[] = []): Promise<Buffer> {
  return gpg([...more, "--export", ...who.map((one) => keys[one][0])]);
}

/** What gpgv says of the same three files. */
async function gpgv(text: Uint8Array, signature: Uint8Array, ring: Uint8Array): Promise<boolean> {
  const names = ["t", "s", "k"].map((name) => join(folder, `gpgv-${name}-${(serial += 1)}`));
  const [textFile = "", signatureFile = "", ringFile = ""] = names;
  await Promise.all([writeFile(textFile, text), writeFile(signatureFile, signature), writeFile(ringFile, ring)]);
  return run("gpgv", ["--keyring", ringFile, signatureFile, textFile]).then(
    () => true,
    () => false,
  );
}

const text = Buffer.from(`${"ab".repeat(32)} *os_2.erofs\n`);

async function refusal(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "good",
    (error: unknown) => (error instanceof Fault ? error.code : String(error)),
  );
}

verifierContract("openpgpVerifier", async () => ({
  verifier: openpgpVerifier,
  nowMs,
  sign: (content, signers) => sign(content, signers),
  keyring: (signers) => keyring(signers),
  done: async () => undefined,
}));

test("RSA, Ed25519 and P-256 keys, armored or binary, in every kind of keyring, as gpgv judges them", async () => {
  const keybox = await readFile(join(folder, "home/pubring.kbx"));
  for (const who of ["one", "two", "nist"] as const) {
    for (const signature of [
      await sign(text, [who]),
      await sign(text, [who], ["--armor"]),
      await sign(text, [who], ["--digest-algo", "SHA512"]),
    ]) {
      for (const ring of [
        await keyring(["one", "two", "nist"]),
        await keyring(["one", "two", "nist"], ["--armor"]),
        keybox,
      ]) {
        const good = await openpgpVerifier.verify(text, signature, ring, nowMs);
        assert.deepEqual([good.userId, good.signedAtMs], [keys[who][0], madeAtMs]);
      }
    }
    assert.equal(await gpgv(text, await sign(text, [who]), await keyring(["one", "two", "nist"])), true);
  }
});

test("the fingerprint is the one that gpg shows", async () => {
  const listed = (await gpg(["--with-colons", "--list-keys", keys.two[0]])).toString();
  const good = await openpgpVerifier.verify(text, await sign(text, ["two"]), await keyring(["two"]), nowMs);
  assert.equal(good.fingerprint, /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1]);
});

test("what gpgv refuses is refused", async () => {
  const ring = await keyring(["one"]);
  const signature = await sign(text, ["one"]);
  const flipped = Buffer.from(signature);
  flipped[flipped.length - 5] = (flipped[flipped.length - 5] ?? 0) ^ 1;
  for (const [content, made, expected] of [
    [Buffer.concat([text, Buffer.from("\n")]), signature, "bad-signature"],
    [text, flipped, "bad-signature"],
    [text, await sign(text, ["two"]), "unknown-signer"],
  ] as const) {
    assert.equal(await gpgv(content, made, ring), false);
    assert.equal(await refusal(openpgpVerifier.verify(content, made, ring, nowMs)), expected);
  }
});

test("a signature of a kind that is not known yet is passed over, beside one that is", async () => {
  const ring = await keyring(["one"]);
  const known = await sign(text, ["one"]);
  const unknown = Buffer.from(known);
  // Its version stands behind the tag and a length of one or of two bytes (RFC 9580 4.2.4, 5.2).
  unknown[known[0] === 0x88 ? 2 : 3] = 9;
  const verify = (signature: Uint8Array): Promise<unknown> => openpgpVerifier.verify(text, signature, ring, nowMs);
  assert.equal(await refusal(verify(Buffer.concat([unknown, known]))), "good");
  assert.equal(await refusal(verify(unknown)), "damaged-signature");
});

test("a signature of something else than a message proves no text, though its key made it", async () => {
  const ring = await keyring(["one"]);
  const outcome = (signature: Uint8Array): Promise<string> =>
    refusal(openpgpVerifier.verify(text, signature, ring, nowMs));
  // What anyone has who has the key: its own statement of whose it is.
  const [user] = (await openpgp.readKey({ binaryKey: ring })).users;
  const certification = new openpgp.PacketList<openpgp.SignaturePacket>();
  for (const packet of user?.selfCertifications ?? []) certification.push(packet);
  assert.equal(certification.length, 1);
  assert.equal(await gpgv(text, certification.write(), ring), false);
  assert.equal(await outcome(certification.write()), "bad-signature");
  const known = await sign(text, ["one"]);
  for (let type = 1; type <= 0xff; type += 1) {
    const changed = Buffer.from(known);
    // Its type stands behind its version.
    changed[known[0] === 0x88 ? 3 : 4] = type;
    assert.notEqual(await outcome(changed), "good", `type ${type}`);
  }
});

test("weak hashes and short keys are refused", async () => {
  const sha1 = await sign(text, ["one"], ["--digest-algo", "SHA1"]);
  assert.equal(await refusal(openpgpVerifier.verify(text, sha1, await keyring(["one"]), nowMs)), "bad-signature");
  assert.equal(
    await refusal(openpgpVerifier.verify(text, await sign(text, ["short"]), await keyring(["short"]), nowMs)),
    "bad-signature",
  );
});

test("a key is good until it expires by the given time, whatever this machine's clock says", async () => {
  const signature = await sign(text, ["brief"]);
  const ring = await keyring(["brief"]);
  const at = (ms: number): Promise<string> => refusal(openpgpVerifier.verify(text, signature, ring, ms));
  assert.equal(await at(madeAtMs + dayMs), "good");
  assert.equal(await at(madeAtMs + 3 * dayMs), "expired-key");
  // A clock that went back to 1970 does not lock the machine out.
  assert.equal(await at(0), "good");
});

test("a subkey that the signature brings along counts when a key of the ring has bound it", async () => {
  const listOf = async (): Promise<readonly string[]> => {
    const listed = (await gpg(["--with-colons", "--list-keys", keys.nist[0]])).toString();
    return [...listed.matchAll(/^fpr:+([0-9A-F]{40}):/gm)].map((match) => match[1] ?? "");
  };
  const ring = await keyring(["nist"]);
  const [primary = ""] = await listOf();
  await gpg(["--quick-add-key", primary, "rsa2048", "sign", "never"]);
  const subkey = (await listOf()).at(-1) ?? "";
  const signature = await sign(text, [], ["--local-user", `${subkey}!`, "--include-key-block"]);
  const good = await openpgpVerifier.verify(text, signature, ring, nowMs);
  assert.deepEqual([good.fingerprint, good.userId], [subkey, keys.nist[0]]);
  assert.equal(await refusal(openpgpVerifier.verify(text, signature, await keyring(["one"]), nowMs)), "unknown-signer");
  const without = await sign(text, [], ["--local-user", `${subkey}!`]);
  assert.equal(await refusal(openpgpVerifier.verify(text, without, ring, nowMs)), "unknown-signer");
  // A stranger's subkey put behind a key of the ring: nothing of that key says that it belongs there.
  const stranger = await openpgp.readKey({ binaryKey: await keyring(["nist"]) });
  const forged = (await openpgp.readKey({ binaryKey: await keyring(["one"]) })).toPacketList();
  for (const { keyPacket, bindingSignatures } of stranger.subkeys) forged.push(keyPacket, ...bindingSignatures);
  const packets = (await openpgp.readSignature({ binarySignature: without })).packets;
  packets[0]?.unhashedSubpackets.push({
    type: 38,
    critical: false,
    body: new Uint8Array([0, ...forged.write()]),
  });
  assert.equal(
    await refusal(openpgpVerifier.verify(text, packets.write(), await keyring(["one"]), nowMs)),
    "bad-signature",
  );
});

test("a revoked key is refused, also for what it signed before", async () => {
  const signature = await sign(text, ["revoked"]);
  const certificate = join(folder, "home/openpgp-revocs.d");
  const listed = (await gpg(["--with-colons", "--list-keys", keys.revoked[0]])).toString();
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
  // gpg writes it with a colon in front, so that nobody imports it by accident.
  const revocation = (await readFile(join(certificate, `${fingerprint}.rev`), "utf8")).replace(
    ":-----BEGIN",
    "-----BEGIN",
  );
  await writeFile(join(folder, "revocation"), revocation);
  await gpg(["--import", join(folder, "revocation")]);
  const ring = await keyring(["revoked"]);
  assert.equal(await refusal(openpgpVerifier.verify(text, signature, ring, nowMs)), "revoked-key");
  // One good signature beside it still counts.
  const both = Buffer.concat([signature, await sign(text, ["two"])]);
  const good = await openpgpVerifier.verify(text, both, Buffer.concat([ring, await keyring(["two"])]), nowMs);
  assert.equal(good.userId, keys.two[0]);
});

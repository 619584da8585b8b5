// The Verifier port over OpenPGP.js: detached signatures as `SHA256SUMS.gpg` holds them (interfaces D.4, P9, P13).
import type { PartialConfig, Key, Signature as PgpSignature, SignaturePacket } from "openpgp";
import * as openpgp from "openpgp";
import { Fault } from "../../base/fault.ts";
import { splitKeyring } from "../../format/keyring.ts";
import type { Signature, Verifier } from "../../port/verifier.ts";

const signatureBytesMax = 1024 * 1024;
const signaturesMax = 64;

/** OpenPGP.js refuses DSA and ElGamal keys and weak hashes of a text by itself; these are ours to state. */
const config: PartialConfig = {
  minRSABits: 2048,
  rejectHashAlgorithms: new Set([openpgp.enums.hash.md5, openpgp.enums.hash.ripemd]),
  rejectMessageHashAlgorithms: new Set([openpgp.enums.hash.md5, openpgp.enums.hash.ripemd, openpgp.enums.hash.sha1]),
};

type Refusal = "bad-signature" | "unknown-signer" | "expired-key" | "revoked-key";

/** Of several signatures that all fail, the most telling reason is reported. */
const byWeight: readonly Refusal[] = ["bad-signature", "revoked-key", "expired-key", "unknown-signer"];

const sentences: Readonly<Record<Refusal, string>> = {
  "bad-signature": "the signature does not belong to this text",
  "revoked-key": "its key has been revoked",
  "expired-key": "its key has expired",
  "unknown-signer": "its key is not in the keyring",
};

export const openpgpVerifier: Verifier = {
  async verify(text, signature, keyring, nowMs) {
    const packets = await readPackets(signature);
    const keys = await readKeyring(keyring);
    const refusals: Fault<Refusal>[] = [];
    for (const packet of packets) {
      const outcome = await judge(text, packet, keys, nowMs);
      if (!(outcome instanceof Fault)) return outcome;
      refusals.push(outcome);
    }
    throw refusals.toSorted((a, b) => byWeight.indexOf(a.code) - byWeight.indexOf(b.code))[0] ?? damagedSignature();
  },
  async countKeys(keyring) {
    return (await readKeyring(keyring)).length;
  },
};

function damagedSignature(cause?: unknown): Fault<"damaged-signature"> {
  return new Fault("damaged-signature", "Cannot check the signature: it is damaged, or no signature", {
    hint: "A server that answers with a page instead of a file looks like this too.",
    ...(cause === undefined ? {} : { cause }),
  });
}

async function readPackets(signature: Uint8Array): Promise<readonly SignaturePacket[]> {
  if (signature.length === 0 || signature.length > signatureBytesMax) throw damagedSignature();
  let parsed: PgpSignature;
  try {
    // The first byte of every packet has its highest bit set; text has not.
    parsed =
      (signature[0] ?? 0) >= 0x80
        ? await openpgp.readSignature({ binarySignature: signature, config })
        : await openpgp.readSignature({ armoredSignature: new TextDecoder("latin1").decode(signature), config });
  } catch (cause) {
    throw damagedSignature(cause);
  }
  if (parsed.packets.length > signaturesMax) throw damagedSignature();
  // Among them is, against its type, what the library cannot read, such as signatures of versions to come.
  const packets = [...parsed.packets].filter((packet) => packet instanceof openpgp.SignaturePacket);
  if (packets.length === 0) throw damagedSignature();
  return packets;
}

/** Keys that the library does not understand are passed over: others of the ring may do. */
async function readKeyring(keyring: Uint8Array): Promise<readonly Key[]> {
  let blocks: readonly Uint8Array[];
  try {
    ({ blocks } = splitKeyring(keyring));
  } catch (cause) {
    throw damagedKeyring(cause);
  }
  const keys: Key[] = [];
  for (const binaryKey of blocks) {
    const key = await openpgp.readKey({ binaryKey, config }).catch(() => undefined);
    if (key !== undefined) keys.push(key);
  }
  if (keys.length === 0) throw damagedKeyring();
  return keys;
}

function damagedKeyring(cause?: unknown): Fault<"damaged-keyring"> {
  return new Fault(
    "damaged-keyring",
    `Cannot read the keyring: ${cause instanceof Fault ? cause.message : "no key in it is understood"}`,
    {
      hint: "It may be binary, armored, or a GnuPG keybox.",
      ...(cause === undefined ? {} : { cause }),
    },
  );
}

function refuse(code: Refusal, cause?: unknown, fingerprint?: string): Fault<Refusal> {
  return new Fault(code, `Cannot accept the signature: ${sentences[code]}`, {
    details: fingerprint === undefined ? {} : { fingerprint },
    ...(cause === undefined ? {} : { cause }),
  });
}

async function judge(
  text: Uint8Array,
  packet: SignaturePacket,
  keys: readonly Key[],
  nowMs: number,
): Promise<Signature | Fault<Refusal>> {
  const keyId = packet.issuerKeyID;
  const key =
    keys.find((candidate) => candidate.getKeys(keyId).length > 0) ?? (await grownKey(packet, keys, new Date(nowMs)));
  const signingKey = key?.getKeys(keyId)[0];
  if (key === undefined || signingKey === undefined || packet.created === null) return refuse("unknown-signer");
  const fingerprint = signingKey.getFingerprint().toUpperCase();
  // A machine whose clock stands still at its build must take what was signed since (P13).
  const date = new Date(Math.max(nowMs, packet.created.getTime()));
  try {
    const signature = new openpgp.Signature(listOf(packet));
    const message = await openpgp.createMessage({ binary: text });
    const { signatures } = await openpgp.verify({
      message,
      signature,
      verificationKeys: [key],
      date,
      format: "binary",
      config,
    });
    // The library leaves out what is no signature of a message, such as the binding of a key: nothing left is no proof.
    if (signatures[0] === undefined || !(await signatures[0].verified))
      return refuse("bad-signature", undefined, fingerprint);
  } catch (error) {
    return (await keyTrouble(key, keyId, date, fingerprint)) ?? refuse("bad-signature", error, fingerprint);
  }
  const trouble = await keyTrouble(key, keyId, date, fingerprint);
  if (trouble !== undefined) return trouble;
  const userId = await key.getPrimaryUser(date, undefined, fullConfig).then(
    ({ user }) => user.userID?.userID,
    () => undefined,
  );
  return { fingerprint, signedAtMs: packet.created.getTime(), userId };
}

/** Subpacket "Key Block" that gpg writes with --include-key-block: a zero byte, then a transferable public key. */
const keyBlockSubpacket = 38;

/**
 * A key of the keyring, with the subkeys that the signature brings along (systemd 262 has gpg do the same). Only a key
 * whose primary key is in the ring can grow; a subkey counts only when that primary key has bound it, which is
 * checked like for every other subkey.
 */
async function grownKey(packet: SignaturePacket, keys: readonly Key[], date: Date): Promise<Key | undefined> {
  const blocks = [...packet.unhashedSubpackets, ...packet.unknownSubpackets].filter(
    ({ type, body }) => type === keyBlockSubpacket && body[0] === 0,
  );
  for (const { body } of blocks.slice(0, 4)) {
    const brought = await openpgp.readKey({ binaryKey: body.subarray(1), config }).catch(() => undefined);
    if (brought === undefined || brought.isPrivate()) continue;
    const known = keys.find((candidate) => candidate.getFingerprint() === brought.getFingerprint());
    const grown = await known?.update(brought, date, fullConfig).catch(() => undefined);
    if (grown !== undefined && grown.getKeys(packet.issuerKeyID).length > 0) return grown;
  }
  return undefined;
}

const fullConfig: openpgp.Config = { ...openpgp.config, ...config };

function listOf(packet: SignaturePacket): openpgp.PacketList<SignaturePacket> {
  const list = new openpgp.PacketList<SignaturePacket>();
  list.push(packet);
  return list;
}

/** The library checks a key at the time of the signature; what was revoked or has expired since is refused too. */
async function keyTrouble(
  key: Key,
  keyId: openpgp.KeyID,
  date: Date,
  fingerprint: string,
): Promise<Fault<Refusal> | undefined> {
  try {
    await key.verifyPrimaryKey(date, undefined, fullConfig);
    await key.getSigningKey(keyId, date, undefined, fullConfig);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : "";
    if (/revoked/i.test(why)) return refuse("revoked-key", error, fingerprint);
    if (/expired/i.test(why)) return refuse("expired-key", error, fingerprint);
    return refuse("bad-signature", error, fingerprint);
  }
}

// Throw-away OpenPGP keys: what a distributor signs its manifests with, for demo, tests and bench (P9).
import { readFile, writeFile } from "node:fs/promises";
import * as openpgp from "openpgp";

/** Made a little in the past by default, so that two clocks that disagree slightly still agree about the key. */
const backdatedMs = 60_000;

export interface KeyOptions {
  readonly name?: string;
  /** When the key was made; signatures before it are not valid. */
  readonly createdAtMs?: number;
  /** Seconds from its making until the key expires; never by default. */
  readonly expiresAfterSeconds?: number;
}

export interface SignOptions {
  readonly signedAtMs?: number;
  /** ASCII armor (`SHA256SUMS.asc`) instead of binary. */
  readonly armored?: boolean;
}

/** An Ed25519 key pair that lives in memory and signs manifests. */
export class SigningKey {
  /** The public key as a binary keyring: the bytes of `/etc/systemd/import-pubring.pgp`. */
  readonly publicKeyring: Uint8Array;
  /** Upper-case hex. */
  readonly fingerprint: string;
  readonly #privateKey: openpgp.PrivateKey;

  constructor(privateKey: openpgp.PrivateKey) {
    this.#privateKey = privateKey;
    this.publicKeyring = privateKey.toPublic().write();
    this.fingerprint = privateKey.getFingerprint().toUpperCase();
  }

  /** A detached signature over exactly these bytes. */
  async sign(bytes: Uint8Array, options: SignOptions = {}): Promise<Uint8Array> {
    const message = await openpgp.createMessage({ binary: bytes });
    const date = new Date(options.signedAtMs ?? Date.now() - backdatedMs / 2);
    const request = { message, signingKeys: this.#privateKey, detached: true, date } as const;
    if (options.armored === true) return Buffer.from(await openpgp.sign({ ...request, format: "armored" }));
    return openpgp.sign({ ...request, format: "binary" });
  }

  /** Keeps the private key in a file, for a demo that is looked at again later. */
  async save(path: string): Promise<void> {
    await writeFile(path, this.#privateKey.write(), { mode: 0o600 });
  }
}

/** Makes a key; takes a few milliseconds. */
export async function createSigningKey(options: KeyOptions = {}): Promise<SigningKey> {
  const { privateKey } = await openpgp.generateKey({
    type: "ecc",
    curve: "ed25519Legacy",
    userIDs: [{ name: options.name ?? "Holdfast Lab (throw-away)" }],
    format: "object",
    date: new Date(options.createdAtMs ?? Date.now() - backdatedMs),
    ...(options.expiresAfterSeconds === undefined ? {} : { keyExpirationTime: options.expiresAfterSeconds }),
  });
  return new SigningKey(privateKey);
}

/** Reads back what `save` wrote. */
export async function loadSigningKey(path: string): Promise<SigningKey> {
  return new SigningKey(await openpgp.readPrivateKey({ binaryKey: await readFile(path) }));
}

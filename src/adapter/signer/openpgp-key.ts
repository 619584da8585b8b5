// Signs SHA256SUMS with an OpenPGP secret key out of a file, armored or binary, without a passphrase (P9).
import { readFile } from "node:fs/promises";
import * as openpgp from "openpgp";
import { Fault } from "../../base/fault.ts";
import { howToMakeKey } from "../../domain/signing-key.ts";
import type { ReleaseSigner } from "../../port/workshop.ts";

async function readKey(keyFile: string): Promise<openpgp.PrivateKey> {
  try {
    const bytes = await readFile(keyFile);
    const key =
      bytes.toString("latin1", 0, 5) === "-----"
        ? await openpgp.readPrivateKey({ armoredKey: bytes.toString("utf8") })
        : await openpgp.readPrivateKey({ binaryKey: bytes });
    if (!key.isDecrypted()) throw new Error("it is protected by a passphrase");
    return key;
  } catch (cause) {
    const isMissing = cause instanceof Error && "code" in cause && cause.code === "ENOENT";
    const state = isMissing ? "there is no such file" : cause instanceof Error ? cause.message : String(cause);
    throw new Fault("bad-key", `Cannot sign with the key ${keyFile}: ${state}`, {
      hint: isMissing
        ? howToMakeKey
        : "Name a file with an OpenPGP secret key that needs no passphrase, as gpg --export-secret-keys writes it.",
      cause,
    });
  }
}

export interface OpenpgpSigner extends ReleaseSigner {
  /** The signature's time is that of the clock, or `notBeforeMs` where that is later. */
  sign(bytes: Uint8Array, notBeforeMs?: number): Promise<Uint8Array>;
}

export async function openpgpSigner(keyFile: string): Promise<OpenpgpSigner> {
  const key = await readKey(keyFile);
  return {
    keyring: key.toPublic().write(),
    async sign(bytes, notBeforeMs = 0) {
      const message = await openpgp.createMessage({ binary: bytes });
      const date = new Date(Math.max(Date.now(), notBeforeMs));
      return openpgp.sign({ message, signingKeys: key, detached: true, format: "binary", date });
    },
  };
}

// What every Signer must do, as tests. Keys come from whoever runs the suite: real files and programs, or simulated ones.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { SigningKey } from "../domain/signing-key.ts";
import type { Signer } from "./signer.ts";
import type { Verifier } from "./verifier.ts";

export interface SignerFixture {
  readonly signer: Signer;
  readonly verifier: Verifier;
  readonly nowMs: number;
  /** The same key, once as a file and once behind a program. */
  readonly file: SigningKey;
  readonly command: SigningKey;
  /** A file that is not there, a program that ends with another code than 0, one that is not there. */
  readonly missingFile: SigningKey;
  readonly failingCommand: SigningKey;
  readonly missingCommand: SigningKey;
  done(): Promise<void>;
}

export function signerContract(name: string, make: () => Promise<SignerFixture>): void {
  const text = new TextEncoder().encode(`${"0".repeat(64)}  os_2.efi\n`);
  const refuses = (work: Promise<unknown>, code: string): Promise<void> =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, code, error.message);
      return true;
    });
  const check = (sentence: string, body: (fixture: SignerFixture) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture);
      } finally {
        await fixture.done();
      }
    });
  };

  describe(`${name} keeps the Signer contract`, () => {
    check("what a key in a file signs is good under its own public part, and for this text only", async (fixture) => {
      const { signer, verifier, file, nowMs } = fixture;
      const keyring = await signer.keyring(file);
      assert.ok(keyring !== undefined);
      const signature = await signer.sign(file, text);
      assert.match((await verifier.verify(text, signature, keyring, nowMs)).fingerprint, /^[0-9A-F]+$/);
      await refuses(verifier.verify(text.subarray(1), signature, keyring, nowMs), "bad-signature");
    });

    check("a key in a file signs no earlier than it is told", async ({ signer, verifier, file, nowMs }) => {
      const keyring = (await signer.keyring(file)) ?? new Uint8Array();
      const later = Math.floor(nowMs / 1000) * 1000 + 7_200_000;
      const signature = await signer.sign(file, text, later);
      assert.equal((await verifier.verify(text, signature, keyring, nowMs)).signedAtMs, later);
    });

    check("a program gets the text and answers the signature; its public key it does not tell", async (fixture) => {
      const { signer, verifier, file, command, nowMs } = fixture;
      assert.equal(await signer.keyring(command), undefined);
      const signature = await signer.sign(command, text);
      const keyring = await signer.keyring(file);
      await verifier.verify(text, signature, keyring ?? new Uint8Array(), nowMs);
    });

    check("a key that is not there is bad-key, a program that fails is cannot-sign", async (fixture) => {
      const { signer, missingFile, failingCommand, missingCommand } = fixture;
      await refuses(signer.keyring(missingFile), "bad-key");
      await refuses(signer.sign(missingFile, text), "bad-key");
      await refuses(signer.sign(failingCommand, text), "cannot-sign");
      await refuses(signer.sign(missingCommand, text), "tool-missing");
    });
  });
}

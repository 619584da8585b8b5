// What every Verifier must do, as tests (P9). Signatures and keyrings come from whoever runs the suite: real gpg, or a fake.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Verifier } from "./verifier.ts";

export type Signer = "one" | "two";

export interface VerifierFixture {
  readonly verifier: Verifier;
  /** A time at which the keys are valid, not before the signatures. */
  readonly nowMs: number;
  /** One file with a signature of each. */
  readonly sign: (text: Uint8Array, signers: readonly Signer[]) => Promise<Uint8Array>;
  readonly keyring: (signers: readonly Signer[]) => Promise<Uint8Array>;
  done(): Promise<void>;
}

export function verifierContract(name: string, make: () => Promise<VerifierFixture>): void {
  const text = new TextEncoder().encode(`${"0".repeat(64)} *os_2.efi\n`);

  describe(`${name} keeps the Verifier contract`, () => {
    const check = (
      sentence: string,
      body: (
        fixture: VerifierFixture,
        refuses: (work: Promise<unknown>, code: string) => Promise<void>,
      ) => Promise<void>,
    ): void => {
      test(sentence, async () => {
        const fixture = await make();
        try {
          await body(fixture, (work, code) =>
            assert.rejects(work, (error: unknown) => {
              assert.ok(error instanceof Fault, String(error));
              assert.equal(error.code, code, error.message);
              return true;
            }),
          );
        } finally {
          await fixture.done();
        }
      });
    };

    check(
      "a signature by a key of the keyring is good and says whose it is and when it was made",
      async ({ verifier, nowMs, sign, keyring }) => {
        const good = await verifier.verify(text, await sign(text, ["one"]), await keyring(["two", "one"]), nowMs);
        assert.match(good.fingerprint, /^[0-9A-F]{40,64}$/);
        assert.ok(good.signedAtMs <= nowMs && good.signedAtMs > nowMs - 86_400_000);
        const other = await verifier.verify(text, await sign(text, ["two"]), await keyring(["two", "one"]), nowMs);
        assert.notEqual(other.fingerprint, good.fingerprint);
      },
    );

    check("one good signature of several is enough, in any order", async ({ verifier, nowMs, sign, keyring }) => {
      const both = await sign(text, ["one", "two"]);
      const one = await verifier.verify(text, both, await keyring(["one"]), nowMs);
      const two = await verifier.verify(text, both, await keyring(["two"]), nowMs);
      assert.notEqual(one.fingerprint, two.fingerprint);
    });

    check(
      "another text, however little it differs, is a bad signature",
      async ({ verifier, nowMs, sign, keyring }, refuses) => {
        const signature = await sign(text, ["one"]);
        for (const changed of [
          text.subarray(1),
          Uint8Array.from([...text, 0x0a]),
          text.map((byte, index) => (index === 5 ? byte ^ 1 : byte)),
        ]) {
          await refuses(verifier.verify(changed, signature, await keyring(["one"]), nowMs), "bad-signature");
        }
      },
    );

    check("the keys of a keyring are counted", async ({ verifier, keyring }, refuses) => {
      assert.equal(await verifier.countKeys(await keyring(["one"])), 1);
      assert.equal(await verifier.countKeys(await keyring(["one", "two"])), 2);
      await refuses(verifier.countKeys(new TextEncoder().encode("<html>")), "damaged-keyring");
    });

    check("a signer that is not in the keyring is unknown", async ({ verifier, nowMs, sign, keyring }, refuses) => {
      await refuses(verifier.verify(text, await sign(text, ["one"]), await keyring(["two"]), nowMs), "unknown-signer");
    });

    check(
      "what is no signature and what is no keyring have their own names",
      async ({ verifier, nowMs, sign, keyring }, refuses) => {
        const signature = await sign(text, ["one"]);
        for (const garbage of [new Uint8Array(), new TextEncoder().encode("<html>"), new Uint8Array(300).fill(0xc2)]) {
          await refuses(verifier.verify(text, garbage, await keyring(["one"]), nowMs), "damaged-signature");
          await refuses(verifier.verify(text, signature, garbage, nowMs), "damaged-keyring");
        }
      },
    );
  });
}

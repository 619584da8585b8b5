// What every CodeVerifier must do, as tests (P12). Certificates and signatures come from whoever runs the suite.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Fault } from "../base/fault.ts";
import type { Sha256 } from "../base/ids.ts";
import type { CodeVerifier } from "./code-verifier.ts";

/** `leaf` was issued by `authority`; the others are their own issuers. */
export type CodeSigner = "leaf" | "authority" | "stranger";

export interface CodeVerifierFixture {
  readonly verifier: CodeVerifier;
  readonly certificate: (of: CodeSigner) => Promise<Uint8Array>;
  /** A signature of this signer, and the digest of the image that it is for. */
  readonly sign: (by: CodeSigner) => Promise<{ readonly signature: Uint8Array; readonly digest: Sha256 }>;
  /** As if `by` had signed, with a signature that `by` did not make. */
  readonly forge: (by: CodeSigner) => Promise<Uint8Array>;
  done(): Promise<void>;
}

export function codeVerifierContract(name: string, make: () => Promise<CodeVerifierFixture>): void {
  const check = (sentence: string, body: (fixture: CodeVerifierFixture) => Promise<void>): void => {
    test(sentence, async () => {
      const fixture = await make();
      try {
        await body(fixture);
      } finally {
        await fixture.done();
      }
    });
  };
  const refuses = (work: Promise<unknown>, code: string): Promise<void> =>
    assert.rejects(work, (error: unknown) => {
      assert.ok(error instanceof Fault, String(error));
      assert.equal(error.code, code, error.message);
      return true;
    });

  describe(`${name} keeps the CodeVerifier contract`, () => {
    check("a signature says of which digest, by whom, and to which certificates it leads", async (fixture) => {
      const { verifier, certificate, sign } = fixture;
      const anchors = [await certificate("stranger"), await certificate("authority"), await certificate("leaf")];
      const { signature, digest } = await sign("leaf");
      const opened = await verifier.open(signature, anchors);
      assert.equal(opened.digest, digest);
      assert.match(opened.signer.subject, /leaf/);
      assert.deepEqual(
        opened.paths.map(({ anchor, certificates }) => [anchor, certificates.length]),
        [
          [1, 2],
          [2, 1],
        ],
      );
      assert.deepEqual(opened.paths[0]?.certificates[0], opened.signer);
      const own = await verifier.open((await sign("stranger")).signature, anchors);
      assert.deepEqual(
        own.paths.map(({ anchor }) => anchor),
        [0],
      );
    });

    check(
      "digests of certificates are those of the part that is signed, and each certificate has its own",
      async (fixture) => {
        const { verifier, certificate, sign } = fixture;
        const seen = new Set<string>();
        for (const signer of ["leaf", "authority", "stranger"] as const) {
          const { signer: facts } = await verifier.open((await sign(signer)).signature, [await certificate(signer)]);
          assert.match(facts.tbs.sha256, /^[0-9a-f]{64}$/);
          assert.match(facts.tbs.sha384, /^[0-9a-f]{96}$/);
          assert.match(facts.tbs.sha512, /^[0-9a-f]{128}$/);
          seen.add(facts.tbs.sha256);
        }
        assert.equal(seen.size, 3);
      },
    );

    check(
      "without certificates asked for it leads nowhere; what cannot be read as one is passed over",
      async (fixture) => {
        const { verifier, certificate, sign } = fixture;
        const { signature } = await sign("leaf");
        assert.deepEqual((await verifier.open(signature, [])).paths, []);
        const garbage = new Uint8Array(40).fill(0x30);
        const opened = await verifier.open(signature, [garbage, new Uint8Array(), await certificate("leaf")]);
        assert.deepEqual(
          opened.paths.map(({ anchor }) => anchor),
          [2],
        );
      },
    );

    check(
      "what its signer did not sign is a bad signature, and what is none is damaged",
      async ({ verifier, sign, forge, certificate }) => {
        await refuses(verifier.open(await forge("leaf"), [await certificate("leaf")]), "bad-signature");
        const { signature } = await sign("leaf");
        for (const garbage of [
          new Uint8Array(),
          new Uint8Array(300).fill(0x30),
          signature.subarray(0, signature.length >> 1),
        ])
          await refuses(verifier.open(garbage, []), "damaged-signature");
      },
    );
  });
}

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256 } from "../base/ids.ts";
import type { EfiSignature, EfiSignatureKind } from "../format/efi-signature-list.ts";
import type { CertificateFacts, CodeSignature } from "./code-signature.ts";
import { anchorsOf, type BootPolicy, bootVerdict, type ImageFacts } from "./secure-boot.ts";

const digest = parseSha256("11".repeat(32));
const otherDigest = parseSha256("22".repeat(32));

const certificate = (subject: string, byte: string): CertificateFacts => ({
  subject,
  tbs: { sha256: byte.repeat(32), sha384: byte.repeat(48), sha512: byte.repeat(64) },
});
const leaf = certificate("leaf", "a1");
const authority = certificate("authority", "a2");

const entry = (kind: EfiSignatureKind, byte: string, size: number, revokedAt?: string): EfiSignature => ({
  kind,
  owner: "",
  data: new Uint8Array(Buffer.from(byte.repeat(size), "hex")),
  ...(revokedAt === undefined ? {} : { revokedAt }),
});
const x509 = entry("x509", "01", 4);
const policy = (parts: Partial<BootPolicy>): BootPolicy => ({ allowed: [], forbidden: [], sbatLevel: [], ...parts });

/** Signed by the leaf; `paths` as the verifier would find them. */
const signed = (paths: CodeSignature["paths"] = [], of: typeof digest = digest): CodeSignature => ({
  digest: of,
  signer: leaf,
  paths,
});
const image = (parts: Partial<ImageFacts>): ImageFacts => ({ digest, signatures: [], sbat: undefined, ...parts });
const viaAuthority = { anchor: 0, certificates: [leaf, authority] };
const itself = { anchor: 0, certificates: [leaf] };

test("what firmware and shim do with an image, state by state", () => {
  const table: readonly (readonly [string, BootPolicy, ImageFacts, string])[] = [
    ["nobody signed it", policy({ allowed: [x509] }), image({}), "unsigned: it is not signed"],
    [
      "its digest is in db",
      policy({ allowed: [entry("sha256", "11", 32)] }),
      image({}),
      "taken: db names the image itself as allowed",
    ],
    [
      "another digest is in db",
      policy({ allowed: [entry("sha256", "22", 32)] }),
      image({}),
      "unsigned: it is not signed",
    ],
    [
      "its digest is in db and in dbx",
      policy({ allowed: [entry("sha256", "11", 32)], forbidden: [entry("sha256", "11", 32)] }),
      image({}),
      "revoked-image: dbx names the image itself as revoked",
    ],
    [
      "its signer is in db",
      policy({ allowed: [x509] }),
      image({ signatures: [signed([itself])] }),
      "taken: its signer, leaf, is trusted",
    ],
    [
      "who vouches for its signer is in db",
      policy({ allowed: [x509] }),
      image({ signatures: [signed([viaAuthority])] }),
      "taken: its signer, leaf, is trusted",
    ],
    [
      "a stranger signed it",
      policy({ allowed: [x509] }),
      image({ signatures: [signed()] }),
      "unknown-signer: its signer, leaf, is not in db",
    ],
    [
      "a stranger signed it, and its digest is in db",
      policy({ allowed: [x509, entry("sha256", "11", 32)] }),
      image({ signatures: [signed()] }),
      "taken: db names the image itself as allowed",
    ],
    [
      "its signer is in dbx as well",
      policy({ allowed: [x509], forbidden: [x509] }),
      image({ signatures: [signed([itself, { anchor: 1, certificates: [leaf] }])] }),
      "revoked-signer: its signer, leaf, is revoked in dbx",
    ],
    [
      "who vouches for its signer is in dbx",
      policy({ allowed: [x509], forbidden: [x509] }),
      image({ signatures: [signed([itself, { anchor: 1, certificates: [leaf, authority] }])] }),
      "revoked-signer: authority, which vouches for its signer, is revoked in dbx",
    ],
    [
      "its signer's digest is in dbx",
      policy({ allowed: [x509], forbidden: [entry("x509-sha256", "a1", 32)] }),
      image({ signatures: [signed([itself])] }),
      "revoked-signer: its signer, leaf, is revoked in dbx",
    ],
    [
      "the same with SHA-384",
      policy({ allowed: [x509], forbidden: [entry("x509-sha384", "a1", 48)] }),
      image({ signatures: [signed([itself])] }),
      "revoked-signer: its signer, leaf, is revoked in dbx",
    ],
    [
      "the same with SHA-512 and a date",
      policy({ allowed: [x509], forbidden: [entry("x509-sha512", "a1", 64, "2026-02-03 04:05:06")] }),
      image({ signatures: [signed([itself])] }),
      "revoked-signer: its signer, leaf, is revoked in dbx for what was signed since 2026-02-03 04:05:06",
    ],
    [
      "the digest of who vouches for it is in dbx",
      policy({ allowed: [x509], forbidden: [entry("x509-sha256", "a2", 32)] }),
      image({ signatures: [signed([viaAuthority])] }),
      "revoked-signer: authority, which vouches for its signer, is revoked in dbx",
    ],
    [
      "of two ways to db one is free",
      policy({ allowed: [x509, x509], forbidden: [entry("x509-sha256", "a2", 32)] }),
      image({ signatures: [signed([viaAuthority, { anchor: 1, certificates: [leaf] }])] }),
      "taken: its signer, leaf, is trusted",
    ],
    [
      "its digest is in dbx",
      policy({ allowed: [x509], forbidden: [entry("sha256", "11", 32)] }),
      image({ signatures: [signed([itself])] }),
      "revoked-image: dbx names the image itself as revoked",
    ],
    [
      "one of two signers is revoked",
      policy({ allowed: [x509], forbidden: [x509] }),
      image({ signatures: [signed([itself]), signed([{ anchor: 1, certificates: [authority] }])] }),
      "revoked-signer: authority, which vouches for its signer, is revoked in dbx",
    ],
    [
      "one of two signatures cannot be read",
      policy({ allowed: [x509] }),
      image({ signatures: [{ unusable: "its signature is damaged" }, signed([itself])] }),
      "taken: its signer, leaf, is trusted",
    ],
    [
      "the only signature cannot be read",
      policy({ allowed: [x509] }),
      image({ signatures: [{ unusable: "its signature is damaged" }] }),
      "bad-signature: its signature is damaged",
    ],
    [
      "it was signed with other bytes",
      policy({ allowed: [x509] }),
      image({ signatures: [signed([itself], otherDigest)] }),
      "bad-signature: its signature is for other bytes",
    ],
    [
      "that its bytes are those was proven before",
      policy({ allowed: [x509] }),
      image({ digest: undefined, signatures: [signed([itself])] }),
      "taken: its signer, leaf, is trusted",
    ],
    [
      "the same, revoked by digest",
      policy({ allowed: [x509], forbidden: [entry("sha256", "11", 32)] }),
      image({ digest: undefined, signatures: [signed([itself])] }),
      "revoked-image: dbx names the image itself as revoked",
    ],
    [
      "its generation is revoked",
      policy({
        allowed: [x509],
        sbatLevel: [
          { component: "sbat", generation: 1 },
          { component: "systemd", generation: 3 },
        ],
      }),
      image({
        signatures: [signed([itself])],
        sbat: [
          { component: "sbat", generation: 1 },
          { component: "systemd", generation: 2 },
        ],
      }),
      "old-sbat: its generation 2 of systemd is revoked, 3 is the lowest that shim takes",
    ],
    [
      "its generation is the lowest that is taken",
      policy({ allowed: [x509], sbatLevel: [{ component: "systemd", generation: 3 }] }),
      image({ signatures: [signed([itself])], sbat: [{ component: "systemd", generation: 3 }] }),
      "taken: its signer, leaf, is trusted",
    ],
    [
      "it has no generation",
      policy({ allowed: [x509], sbatLevel: [{ component: "systemd", generation: 3 }] }),
      image({ signatures: [signed([itself])] }),
      "taken: its signer, leaf, is trusted",
    ],
  ];
  for (const [state, rules, facts, expected] of table) {
    const verdict = bootVerdict(rules, facts);
    const text = verdict.kind === "taken" ? `taken: ${verdict.because}` : `${verdict.code}: ${verdict.why}`;
    assert.equal(text, expected, state);
  }
});

test("signatures are held against certificates that allow, then against those that forbid", () => {
  const other = entry("x509", "02", 4);
  const rules = policy({ allowed: [entry("sha256", "11", 32), x509], forbidden: [entry("sha256", "22", 32), other] });
  assert.deepEqual(anchorsOf(rules), [x509.data, other.data]);
});

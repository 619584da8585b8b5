// The CodeVerifier port over OpenSSL's certificates and keys, with chains as EDK2 builds them: any certificate of the
// list may end one, its dates do not count (CryptAuthenticode.c, CryptPkcs7Verify.c; P12).
import { createHash, verify, X509Certificate } from "node:crypto";
import { Fault } from "../../base/fault.ts";
import { parseSha256 } from "../../base/ids.ts";
import type { CertificateFacts } from "../../domain/code-signature.ts";
import type { CodeVerifier } from "../../port/code-verifier.ts";
import { type Certificate, damaged, parseCertificate, parseSignedData, type SignerInfo } from "./signed-data.ts";

const hashes: Readonly<Record<string, string>> = {
  "2.16.840.1.101.3.4.2.1": "sha256",
  "2.16.840.1.101.3.4.2.2": "sha384",
  "2.16.840.1.101.3.4.2.3": "sha512",
};
const anchorsMax = 512;
const subjectLengthMax = 120;

interface Parsed extends Certificate {
  readonly x509: X509Certificate;
}

export const nodeCodeVerifier: CodeVerifier = {
  async open(signature, anchors) {
    const { certificates, imageDigest, content, signers } = parseSignedData(signature);
    if (hashes[imageDigest.algorithm] !== "sha256" || imageDigest.bytes.length !== 32)
      throw unsupported("its digest is not SHA-256");
    const sent = certificates.flatMap((certificate) => parsed(certificate) ?? []);
    const [info] = signers;
    if (info === undefined || signers.length > 1) throw unsupported("it has several signers");
    const signer = sent.find(({ issuer, serial }) => same(issuer, info.issuer) && same(serial, info.serial));
    if (signer === undefined) throw unsupported("it comes without the certificate of its signer");
    if (!isSigned(info, content, signer)) throw forged();
    const chains = chainsFrom(signer, sent);
    return {
      digest: parseSha256(hex(imageDigest.bytes)),
      signer: factsOf(signer),
      paths: anchors.slice(0, anchorsMax).flatMap((der, anchor) => {
        const path = pathTo(chains, der);
        return path === undefined ? [] : [{ anchor, certificates: path.map(factsOf) }];
      }),
    };
  },
};

function unsupported(state: string): Fault<"unsupported-signature"> {
  return new Fault("unsupported-signature", `Cannot check the signature of the image: ${state}`);
}

function forged(): Fault<"bad-signature"> {
  return new Fault("bad-signature", "Cannot trust the signature of the image: its signer did not make it");
}

function parsed(certificate: Certificate): Parsed | undefined {
  try {
    return { ...certificate, x509: new X509Certificate(certificate.der) };
  } catch {
    return undefined;
  }
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** The attributes hold the digest of the content and are what is signed; without them the content is. */
function isSigned(
  { attributes, digestAlgorithm, signature }: SignerInfo,
  content: Uint8Array,
  { x509 }: Parsed,
): boolean {
  const hash = hashes[digestAlgorithm];
  if (hash === undefined) throw unsupported("its digest is none that is still taken");
  if (attributes !== undefined) {
    if (attributes.messageDigest === undefined) throw damaged();
    if (!same(createHash(hash).update(content).digest(), attributes.messageDigest)) return false;
  }
  try {
    return verify(hash, attributes?.der ?? content, x509.publicKey, signature);
  } catch {
    return false;
  }
}

function issued(issuer: Parsed, subject: Parsed): boolean {
  try {
    return issuer.x509.ca && subject.x509.checkIssued(issuer.x509) && subject.x509.verify(issuer.x509.publicKey);
  } catch {
    return false;
  }
}

/** From the signer's certificate upwards through what was sent along, each certificate once. */
function chainsFrom(signer: Parsed, sent: readonly Parsed[]): readonly (readonly Parsed[])[] {
  const chains: (readonly Parsed[])[] = [[signer]];
  const seen = new Set([signer]);
  for (const chain of chains) {
    const top = chain.at(-1) as Parsed;
    for (const issuer of sent) {
      if (seen.has(issuer) || !issued(issuer, top)) continue;
      seen.add(issuer);
      chains.push([...chain, issuer]);
    }
  }
  return chains;
}

function pathTo(chains: readonly (readonly Parsed[])[], der: Uint8Array): readonly Parsed[] | undefined {
  const itself = chains.find((chain) => same((chain.at(-1) as Parsed).der, der));
  if (itself !== undefined) return itself;
  const anchor = anchorOf(der);
  const chain = anchor && chains.find((one) => issued(anchor, one.at(-1) as Parsed));
  return anchor === undefined || chain === undefined ? undefined : [...chain, anchor];
}

function anchorOf(der: Uint8Array): Parsed | undefined {
  try {
    return parsed(parseCertificate(der));
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function factsOf({ tbs, x509 }: Parsed): CertificateFacts {
  const digest = (hash: string): string => createHash(hash).update(tbs).digest("hex");
  return {
    subject: subjectOf(x509),
    tbs: { sha256: digest("sha256"), sha384: digest("sha384"), sha512: digest("sha512") },
  };
}

/** The common name, or the whole of what it says; printable and bounded, since anyone can write there. */
function subjectOf({ subject }: X509Certificate): string {
  const lines = (subject ?? "").split("\n");
  const name = lines.find((line) => line.startsWith("CN="))?.slice(3) ?? lines.join(", ");
  const printable = name.replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "?").slice(0, subjectLengthMax);
  return printable === "" ? "somebody without a name" : printable;
}

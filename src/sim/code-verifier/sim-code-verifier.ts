// The simulated CodeVerifier: a signature names its digest and the certificates of its chain. No cryptography, same
// verdicts (P12).
import { Fault } from "../../base/fault.ts";
import { isSha256, type Sha256 } from "../../base/ids.ts";
import type { CertificateFacts } from "../../domain/code-signature.ts";
import type { CodeVerifier } from "../../port/code-verifier.ts";
import type { Digest } from "../../port/digest.ts";

const certificateMark = "simulated certificate\n";
const signatureMark = "simulated image signature\n";

interface SimClaim {
  readonly digest: string;
  /** The signer's certificate first, then who issued it, and so on. */
  readonly chain: readonly string[];
  readonly forged?: boolean;
}

/** A certificate of this name. */
export function simCertificate(subject: string): Uint8Array {
  return new TextEncoder().encode(certificateMark + subject);
}

/** `chain`: names of certificates, the signer's first, then those that vouch for it. */
export function simCodeSignature(digest: Sha256, chain: readonly string[], forged: boolean = false): Uint8Array {
  const claim: SimClaim = { digest, chain, forged };
  return new TextEncoder().encode(signatureMark + JSON.stringify(claim));
}

export class SimCodeVerifier implements CodeVerifier {
  readonly #digest: Digest;

  constructor(digest: Digest) {
    this.#digest = digest;
  }

  async open(...[signature, anchors]: Parameters<CodeVerifier["open"]>): ReturnType<CodeVerifier["open"]> {
    const { digest, chain, forged } = claimOf(signature);
    if (forged === true) throw new Fault("bad-signature", "Cannot trust the signature of the image: it is forged");
    const facts = chain.map((subject) => simCertificateFacts(this.#digest, subject));
    const [signer] = facts;
    if (!isSha256(digest) || signer === undefined) throw damaged();
    return {
      digest,
      signer,
      paths: anchors.flatMap((anchor, index) => {
        const at = chain.indexOf(subjectOf(anchor) ?? "");
        return at === -1 ? [] : [{ anchor: index, certificates: facts.slice(0, at + 1) }];
      }),
    };
  }
}

/** What `open` tells of a certificate of this name. */
export function simCertificateFacts(digest: Digest, subject: string): CertificateFacts {
  const hasher = digest.sha256();
  hasher.update(simCertificate(subject));
  const sha256 = hasher.finish();
  return { subject, tbs: { sha256, sha384: sha256 + sha256.slice(32), sha512: sha256 + sha256 } };
}

function subjectOf(certificate: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(certificate);
  return text.startsWith(certificateMark) ? text.slice(certificateMark.length) : undefined;
}

function claimOf(signature: Uint8Array): SimClaim {
  const text = new TextDecoder().decode(signature).replace(/\0+$/, "");
  if (!text.startsWith(signatureMark)) throw damaged();
  try {
    return JSON.parse(text.slice(signatureMark.length)) as SimClaim;
  } catch {
    throw damaged();
  }
}

function damaged(): Fault {
  return new Fault("damaged-signature", "Cannot read the signature of the image: it is damaged");
}

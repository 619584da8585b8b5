// P12, "the firmware will take it": what firmware (UEFI 32.5.3.3, as EDK2 does it) and shim say to a boot image.
import type { Sha256 } from "../base/ids.ts";
import type { EfiSignature } from "../format/efi-signature-list.ts";
import type { SbatLine } from "../format/sbat.ts";
import type { CertificateFacts, CodeSignature } from "./code-signature.ts";

/** What decides whether an image is started. */
export interface BootPolicy {
  /** db, and what shim trusts. */
  readonly allowed: readonly EfiSignature[];
  /** dbx, and what shim has revoked. */
  readonly forbidden: readonly EfiSignature[];
  /** The lowest generations that are taken; shim checks them, the firmware does not. */
  readonly sbatLevel: readonly SbatLine[];
}

export type SecureBoot =
  | { readonly kind: "on"; readonly policy: BootPolicy }
  /** The firmware starts anything. */
  | { readonly kind: "off"; readonly why: "switched-off" | "setup-mode" | "shim-insecure" }
  /** No firmware variables here: an old BIOS, a container, or the tree of a machine that is switched off. */
  | { readonly kind: "absent" }
  /** On, and what it would take cannot be told. */
  | { readonly kind: "unreadable"; readonly why: string };

/** What is known of one image. */
export interface ImageFacts {
  /** Its Authenticode digest; `undefined`: it was proven otherwise that these are the bytes that were signed. */
  readonly digest: Sha256 | undefined;
  /** In the order of the image; a reason where one cannot be used. `paths` count allowed certificates first. */
  readonly signatures: readonly (CodeSignature | { readonly unusable: string })[];
  readonly sbat: readonly SbatLine[] | undefined;
}

export type BootRefusal =
  | "unsigned"
  | "unknown-signer"
  | "revoked-signer"
  | "revoked-image"
  | "old-sbat"
  | "bad-signature";

export type BootVerdict =
  | { readonly kind: "taken"; readonly because: string }
  /** `why` is a clause: "its signer, X, is revoked in dbx". */
  | { readonly kind: "refused"; readonly code: BootRefusal; readonly why: string };

/** The certificates that a signature is to be held against: first those that allow, then those that forbid. */
export function anchorsOf({ allowed, forbidden }: BootPolicy): readonly Uint8Array[] {
  return [...certificatesOf(allowed), ...certificatesOf(forbidden)];
}

function certificatesOf(list: readonly EfiSignature[]): readonly Uint8Array[] {
  return list.filter(({ kind }) => kind === "x509").map(({ data }) => data);
}

/** Whether an image that nobody signed may be allowed by its digest: only then is it worth reading whole. */
export function allowsDigests({ allowed }: BootPolicy): boolean {
  return allowed.some(({ kind }) => kind === "sha256");
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function listsImage(list: readonly EfiSignature[], digest: Sha256 | undefined): boolean {
  return digest !== undefined && list.some(({ kind, data }) => kind === "sha256" && hex(data) === digest);
}

/** The revocation of a certificate by its digest. Its date would need a time stamp that nobody trusts: it always counts. */
function revocationOf(list: readonly EfiSignature[], { tbs }: CertificateFacts): EfiSignature | undefined {
  const digests = { "x509-sha256": tbs.sha256, "x509-sha384": tbs.sha384, "x509-sha512": tbs.sha512 };
  return list.find(({ kind, data }) => kind in digests && digests[kind as keyof typeof digests] === hex(data));
}

const refused = (code: BootRefusal, why: string): BootVerdict => ({ kind: "refused", code, why });

function revoked({ subject }: CertificateFacts, signature: CodeSignature, entry?: EfiSignature): BootVerdict {
  const since = entry?.revokedAt === undefined ? "" : ` for what was signed since ${entry.revokedAt}`;
  const whose =
    subject === signature.signer.subject ? `its signer, ${subject},` : `${subject}, which vouches for its signer,`;
  return refused("revoked-signer", `${whose} is revoked in dbx${since}`);
}

/** What forbids the image because of one signature: every signature has to be free of that, or the image is not started. */
function forbiddenBy(policy: BootPolicy, signature: CodeSignature): BootVerdict | undefined {
  const allowedCount = certificatesOf(policy.allowed).length;
  const bad = signature.paths.find(({ anchor }) => anchor >= allowedCount);
  const last = bad?.certificates.at(-1);
  if (last !== undefined) return revoked(last, signature);
  const entry = revocationOf(policy.forbidden, signature.signer);
  if (entry !== undefined) return revoked(signature.signer, signature, entry);
  if (listsImage(policy.forbidden, signature.digest))
    return refused("revoked-image", "dbx names the image itself as revoked");
  return undefined;
}

/** The path to a certificate that is allowed and of which no part is revoked; or what is wrong with the best of them. */
function allowedBy(policy: BootPolicy, signature: CodeSignature): BootVerdict | undefined {
  let verdict: BootVerdict | undefined;
  for (const { certificates } of signature.paths) {
    const bad = certificates.find((certificate) => revocationOf(policy.forbidden, certificate) !== undefined);
    if (bad === undefined) return { kind: "taken", because: `its signer, ${signature.signer.subject}, is trusted` };
    verdict ??= revoked(bad, signature, revocationOf(policy.forbidden, bad));
  }
  return verdict;
}

function tooOld(level: readonly SbatLine[], sbat: readonly SbatLine[] | undefined): BootVerdict | undefined {
  for (const { component, generation } of sbat ?? []) {
    const least = level.find((line) => line.component === component);
    if (least !== undefined && generation < least.generation)
      return refused(
        "old-sbat",
        `its generation ${generation} of ${component} is revoked, ${least.generation} is the lowest that shim takes`,
      );
  }
  return undefined;
}

/** What firmware and shim do with the image. */
export function bootVerdict(policy: BootPolicy, image: ImageFacts): BootVerdict {
  const usable = image.signatures.filter(
    (signature): signature is CodeSignature =>
      !("unusable" in signature) && (image.digest === undefined || signature.digest === image.digest),
  );
  const byRevocation =
    usable.map((signature) => forbiddenBy(policy, signature)).find((verdict) => verdict !== undefined) ??
    (listsImage(policy.forbidden, image.digest)
      ? refused("revoked-image", "dbx names the image itself as revoked")
      : undefined);
  if (byRevocation !== undefined) return byRevocation;
  const old = tooOld(policy.sbatLevel, image.sbat);
  if (old !== undefined) return old;
  const bySigner = usable.flatMap((signature) => allowedBy(policy, signature) ?? []);
  const trusted = bySigner.find(({ kind }) => kind === "taken");
  if (trusted !== undefined) return trusted;
  const digests = [image.digest, ...usable.map(({ digest }) => digest)];
  if (digests.some((digest) => listsImage(policy.allowed, digest)))
    return { kind: "taken", because: "db names the image itself as allowed" };
  if (image.signatures.length === 0) return refused("unsigned", "it is not signed");
  if (usable.length === 0) {
    const [first] = image.signatures;
    const why = first !== undefined && "unusable" in first ? first.unusable : "its signature is for other bytes";
    return refused("bad-signature", why);
  }
  const signers = [...new Set(usable.map(({ signer }) => signer.subject))].join(", ");
  return bySigner[0] ?? refused("unknown-signer", `its signer, ${signers}, is not in db`);
}

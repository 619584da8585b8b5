// PKCS#7 SignedData with Authenticode's content, taken apart (RFC 2315; Windows Authenticode Portable Executable
// Signature Format). asn1js reads the DER; nothing here believes any of it.
import { type AsnType, fromBER, ObjectIdentifier } from "asn1js";
import { Fault } from "../../base/fault.ts";

export interface Certificate {
  readonly der: Uint8Array;
  /** What its issuer signed: by its digest dbx revokes it. */
  readonly tbs: Uint8Array;
  /** Issuer and serial number, in DER. */
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
}

export interface SignedData {
  readonly certificates: readonly Certificate[];
  /** OID of the algorithm of the image's digest, and that digest. */
  readonly imageDigest: { readonly algorithm: string; readonly bytes: Uint8Array };
  /** The content as it is hashed: without its outer tag and length. */
  readonly content: Uint8Array;
  readonly signers: readonly SignerInfo[];
}

export interface SignerInfo {
  readonly issuer: Uint8Array;
  readonly serial: Uint8Array;
  /** OID. */
  readonly digestAlgorithm: string;
  /** As a SET in DER, which is what is signed; absent: the content is. */
  readonly attributes: { readonly der: Uint8Array; readonly messageDigest: Uint8Array | undefined } | undefined;
  readonly signature: Uint8Array;
}

const signatureBytesMax = 256 * 1024;
const limits = { maxDepth: 32, maxNodes: 8000, maxContentLength: signatureBytesMax } as const;
const certificatesMax = 32;
const signersMax = 8;

const oid = {
  signedData: "1.2.840.113549.1.7.2",
  indirectData: "1.3.6.1.4.1.311.2.1.4",
  messageDigest: "1.2.840.113549.1.9.4",
} as const;

export const damaged = (cause?: unknown): Fault<"damaged-signature"> =>
  new Fault("damaged-signature", "Cannot read the signature of the image: it is damaged, or of another kind", {
    cause,
  });

interface Block {
  readonly raw: Uint8Array;
  readonly children: readonly AsnType[];
}

/** As asn1js counts the classes of tags, and the tags of a SET and of an OCTET STRING. */
const universal = 1;
const contextSpecific = 3;
const setTag = 17;
const octetStringTag = 4;

/** Where the bytes end early the library leaves blocks without these, against its types. */
function isWhole(item: AsnType): boolean {
  const { idBlock, lenBlock, valueBlock } = item as Partial<AsnType>;
  return idBlock !== undefined && lenBlock !== undefined && valueBlock !== undefined;
}

function block(item: AsnType | undefined): Block {
  if (item === undefined || !isWhole(item)) throw damaged();
  const { value } = item.valueBlock as { readonly value?: unknown };
  return {
    raw: item.valueBeforeDecodeView,
    children: Array.isArray(value) ? (value as readonly AsnType[]) : [],
  };
}

function decode(bytes: Uint8Array): AsnType {
  if (bytes.length > signatureBytesMax) throw damaged();
  let parsed: ReturnType<typeof fromBER>;
  try {
    parsed = fromBER(bytes, limits);
  } catch (cause) {
    throw damaged(cause);
  }
  if (parsed.offset === -1) throw damaged(parsed.result.error);
  return parsed.result;
}

/** The bytes of a value: what comes after its tag and its length. */
function contentOf(item: AsnType | undefined): Uint8Array {
  if (item === undefined || !isWhole(item)) throw damaged();
  const raw = item.valueBeforeDecodeView;
  return raw.subarray(item.idBlock.blockLength + item.lenBlock.blockLength);
}

function oidOf(item: AsnType | undefined): string {
  if (!(item instanceof ObjectIdentifier)) throw damaged();
  return item.getValue();
}

function isContext(item: AsnType | undefined, tag: number): boolean {
  return (
    item !== undefined && isWhole(item) && item.idBlock.tagClass === contextSpecific && item.idBlock.tagNumber === tag
  );
}

/** Throws `damaged-signature` for anything else. */
export function parseSignedData(bytes: Uint8Array): SignedData {
  const outer = block(decode(bytes));
  const wrapped = outer.children[0] instanceof ObjectIdentifier;
  if (wrapped && oidOf(outer.children[0]) !== oid.signedData) throw damaged();
  const { children } = wrapped ? block(block(outer.children[1]).children[0]) : outer;
  const info = block(children[2]).children;
  if (oidOf(info[0]) !== oid.indirectData) throw damaged();
  const indirect = block(info[1]).children[0];
  const rest = children.slice(3);
  const certificates = rest.find((item) => isContext(item, 0));
  const signers = rest.find(
    (item) => isWhole(item) && item.idBlock.tagClass === universal && item.idBlock.tagNumber === setTag,
  );
  const messageDigest = block(block(indirect).children[1]).children;
  const list = certificates === undefined ? [] : block(certificates).children;
  const infos = block(signers).children;
  if (list.length > certificatesMax || infos.length === 0 || infos.length > signersMax) throw damaged();
  return {
    certificates: list.map(certificateOf),
    imageDigest: { algorithm: oidOf(block(messageDigest[0]).children[0]), bytes: contentOf(messageDigest[1]) },
    content: contentOf(indirect),
    signers: infos.map(signerOf),
  };
}

/** Throws `damaged-signature` where it is no X.509 certificate. */
export function parseCertificate(der: Uint8Array): Certificate {
  return certificateOf(decode(der));
}

function certificateOf(item: AsnType): Certificate {
  const [tbs] = block(item).children;
  const fields = block(tbs).children;
  const first = isContext(fields[0], 0) ? 1 : 0;
  return {
    der: item.valueBeforeDecodeView,
    tbs: block(tbs).raw,
    serial: block(fields[first]).raw,
    issuer: block(fields[first + 2]).raw,
  };
}

function signerOf(item: AsnType): SignerInfo {
  const fields = block(item).children;
  const [issuer, serial] = block(fields[1]).children;
  const attributes = isContext(fields[3], 0) ? fields[3] : undefined;
  const signature = fields[attributes === undefined ? 4 : 5];
  if (signature === undefined || !isWhole(signature) || signature.idBlock.tagNumber !== octetStringTag) throw damaged();
  return {
    issuer: block(issuer).raw,
    serial: block(serial).raw,
    digestAlgorithm: oidOf(block(fields[2]).children[0]),
    attributes: attributes === undefined ? undefined : attributesOf(attributes),
    signature: contentOf(signature),
  };
}

function attributesOf(item: AsnType): NonNullable<SignerInfo["attributes"]> {
  // What travels as [0] is signed as the SET that it stands for (RFC 2315 9.3).
  const der = Uint8Array.from(item.valueBeforeDecodeView);
  der[0] = 0x31;
  const found = block(item).children.find((attribute) => oidOf(block(attribute).children[0]) === oid.messageDigest);
  return {
    der,
    messageDigest: found === undefined ? undefined : contentOf(block(block(found).children[1]).children[0]),
  };
}

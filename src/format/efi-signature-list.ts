// EFI signature lists: what the variables db, dbx and MokListRT hold (UEFI 32.4.1; P12).
import { Fault } from "../base/fault.ts";

export type EfiSignatureListFaultCode = "signature-list-damaged";

/** `x509-sha256` and its kin: the digest of the part of a certificate that is signed, and since when it is revoked. */
export type EfiSignatureKind = "x509" | "sha256" | "x509-sha256" | "x509-sha384" | "x509-sha512" | "other";

export interface EfiSignature {
  readonly kind: EfiSignatureKind;
  /** The GUID of whoever put it there. */
  readonly owner: string;
  /** A certificate in DER, or a digest; without the time of revocation. */
  readonly data: Uint8Array;
  /** Of a certificate's digest: only what was signed before is still taken, where a time stamp proves it. */
  readonly revokedAt?: string;
}

const kinds: Readonly<Record<string, EfiSignatureKind>> = {
  "a5c059a1-94e4-4aa7-87b5-ab155c2bf072": "x509",
  "c1c41626-504c-4092-aca9-41f936934328": "sha256",
  "3bd2a492-96c0-4079-b420-fcf98ef103ed": "x509-sha256",
  "7076876e-80c2-4ee6-aad2-28b349a6865b": "x509-sha384",
  "446dbf63-2502-4cda-bcfa-2465d2b0fe9d": "x509-sha512",
};
const digestSizes: Readonly<Partial<Record<EfiSignatureKind, number>>> = {
  sha256: 32,
  "x509-sha256": 32,
  "x509-sha384": 48,
  "x509-sha512": 64,
};

const listHeaderSize = 28;
const ownerSize = 16;
const timeSize = 16;
/** The largest dbx of 2026 has a few hundred. */
const signaturesMax = 20_000;
const bytesMax = 1 << 20;

const damaged = (state: string): Fault<EfiSignatureListFaultCode> =>
  new Fault("signature-list-damaged", `Cannot read the firmware's list of signatures: ${state}`, {
    hint: "Look at it with efi-readvar or mokutil; the firmware may be ignoring it as well.",
  });

/** `bytes` without the attributes that efivarfs puts in front. Throws `signature-list-damaged`. */
export function parseSignatureLists(bytes: Uint8Array): readonly EfiSignature[] {
  if (bytes.length > bytesMax) throw damaged(`it has ${bytes.length} bytes`);
  const found: EfiSignature[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < listHeaderSize) throw damaged("it ends within a list");
    const view = new DataView(bytes.buffer, bytes.byteOffset + at, bytes.length - at);
    const [listSize, headerSize, size] = [16, 20, 24].map((offset) => view.getUint32(offset, true)) as [
      number,
      number,
      number,
    ];
    const body = listSize - listHeaderSize - headerSize;
    if (listSize > bytes.length - at || body < 0 || size <= ownerSize || body % size !== 0)
      throw damaged("the sizes of a list contradict each other");
    const kind = kinds[readGuid(view, 0)] ?? "other";
    if (found.length + body / size > signaturesMax) throw damaged(`it has more than ${signaturesMax} signatures`);
    for (let entry = listHeaderSize + headerSize; entry < listSize; entry += size) {
      const owner = readGuid(view, entry);
      const data = bytes.subarray(at + entry + ownerSize, at + entry + size);
      found.push({ kind, owner, ...content(kind, data) });
    }
    at += listSize;
  }
  return found;
}

function content(kind: EfiSignatureKind, data: Uint8Array): Pick<EfiSignature, "data" | "revokedAt"> {
  const digestSize = digestSizes[kind];
  if (digestSize === undefined) return { data };
  const isTimed = kind !== "sha256";
  if (data.length !== digestSize + (isTimed ? timeSize : 0)) throw damaged("a digest in it has the wrong length");
  return isTimed ? { data: data.subarray(0, digestSize), ...revokedAt(data.subarray(digestSize)) } : { data };
}

/** EFI_TIME; all zero means for ever. */
function revokedAt(time: Uint8Array): { readonly revokedAt?: string } {
  const view = new DataView(time.buffer, time.byteOffset, timeSize);
  if (time.every((byte) => byte === 0)) return {};
  const two = (offset: number): string => String(view.getUint8(offset)).padStart(2, "0");
  return { revokedAt: `${view.getUint16(0, true)}-${two(2)}-${two(3)} ${two(4)}:${two(5)}:${two(6)}` };
}

function readGuid(view: DataView, at: number): string {
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
  const tail = Array.from({ length: 8 }, (_, index) => hex(view.getUint8(at + 8 + index), 2)).join("");
  const head = [
    hex(view.getUint32(at, true), 8),
    hex(view.getUint16(at + 4, true), 4),
    hex(view.getUint16(at + 6, true), 4),
  ];
  return [...head, tail.slice(0, 4), tail.slice(4)].join("-");
}

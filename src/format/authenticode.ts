// Authenticode: which bytes of an EFI image its signatures speak for, and where those signatures are (P12).
// Windows Authenticode Portable Executable Signature Format; UEFI 32.5.3; read as EDK2's DxeImageVerificationLib does.
import { Fault } from "../base/fault.ts";
import type { ByteReader, PeFaultCode, PeImage } from "./pe.ts";

export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

const refuse = (state: string): Fault<PeFaultCode> => new Fault("pe-damaged", `Cannot read the EFI image: ${state}`);

/** More than any image has that several parties sign. */
const signaturesMax = 16;
/** A signature with a chain of certificates and a time stamp has a few kilobytes. */
const tableBytesMax = 1 << 20;
const certificateHeaderSize = 8;
/** WIN_CERT_TYPE_PKCS_SIGNED_DATA and WIN_CERT_TYPE_EFI_GUID (UEFI 32.2.4). */
const typePkcs = 0x0002;
const typeGuid = 0x0ef1;
/** EFI_CERT_TYPE_PKCS7_GUID 4aafd29d-68df-49ee-8aa9-347d375665a7, as it lies in memory. */
const pkcs7Guid = [0x9d, 0xd2, 0xaf, 0x4a, 0xdf, 0x68, 0xee, 0x49, 0x8a, 0xa9, 0x34, 0x7d, 0x37, 0x56, 0x65, 0xa7];

/**
 * What is hashed, in order: the headers without checksum and certificate entry, the sections in the order of the file,
 * and what follows them up to the certificates. Fault `pe-damaged` where sections overlap: no image that is signed does.
 */
export function authenticodeRanges({ sections, layout }: PeImage, sizeBytes: number): readonly ByteRange[] {
  const { headersSize, checksumOffset, certificateEntryOffset, certificates } = layout;
  const afterChecksum = checksumOffset + 4;
  const headers =
    certificateEntryOffset === undefined
      ? [{ offset: afterChecksum, length: headersSize - afterChecksum }]
      : [
          { offset: afterChecksum, length: certificateEntryOffset - afterChecksum },
          { offset: certificateEntryOffset + 8, length: headersSize - certificateEntryOffset - 8 },
        ];
  const body = sections
    .filter(({ size }) => size > 0)
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, size }) => ({ offset, length: size }));
  const hashed = body.reduce((sum, { length }) => sum + length, headersSize);
  const rest = sizeBytes - certificates.size - hashed;
  if (rest < 0) throw refuse("its sections lie over one another or over its signature");
  return [{ offset: 0, length: checksumOffset }, ...headers, ...body, { offset: hashed, length: rest }].filter(
    ({ length }) => length > 0,
  );
}

/** The PKCS#7 signatures of an image, none when it is not signed. Certificates of other kinds are passed over. */
export async function readSignatures(reader: ByteReader, { layout }: PeImage): Promise<readonly Uint8Array[]> {
  const { offset, size } = layout.certificates;
  if (size === 0) return [];
  if (size > tableBytesMax) throw refuse(`its signatures take ${size} bytes`);
  const table = await reader.read(offset, size);
  if (table.length < size) throw refuse("its signatures cannot be read");
  return splitCertificates(table);
}

/** The table of WIN_CERTIFICATEs, each aligned to eight bytes. What is cut off ends it, as it does for the firmware. */
export function splitCertificates(table: Uint8Array): readonly Uint8Array[] {
  const view = new DataView(table.buffer, table.byteOffset, table.length);
  const found: Uint8Array[] = [];
  for (let at = 0; table.length - at > certificateHeaderSize && found.length < signaturesMax; ) {
    const length = view.getUint32(at, true);
    if (length <= certificateHeaderSize || length > table.length - at) break;
    const type = view.getUint16(at + 6, true);
    const content = table.subarray(at + certificateHeaderSize, at + length);
    if (type === typePkcs) found.push(content);
    if (type === typeGuid && pkcs7Guid.every((byte, index) => content[index] === byte))
      found.push(content.subarray(16));
    at += Math.ceil(length / 8) * 8;
  }
  return found;
}

// PE/COFF images: headers and section table, and whether the file is all there (PE format; P1: a cut-off kernel is no
// image). Reads a few kilobytes through a reader, never the whole file.
import { Fault } from "../base/fault.ts";

/** A file that is read in parts. `read` gives fewer bytes than asked for only where the file ends. */
export interface ByteReader {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

export type PeFaultCode = "not-pe" | "pe-damaged" | "pe-truncated";

export interface PeSection {
  readonly name: string;
  /** Where its bytes begin in the file. */
  readonly offset: number;
  /** Bytes in the file, padded to the file alignment. */
  readonly size: number;
  /** Bytes in memory: the length of the content before padding. */
  readonly virtualSize: number;
}

export interface PeImage {
  /** systemd's name of the architecture, such as "x86-64", or "machine-0x1234". */
  readonly arch: string;
  readonly sections: readonly PeSection[];
  /** Whether it carries an Authenticode certificate table. */
  readonly signed: boolean;
  /** What an Authenticode digest leaves out and where it begins (authenticode.ts). */
  readonly layout: PeLayout;
}

export interface PeLayout {
  /** Bytes of the file that are headers. */
  readonly headersSize: number;
  /** Where the checksum of the file is, four bytes. */
  readonly checksumOffset: number;
  /** Where the directory entry of the certificates is, eight bytes; absent in an image that has no such entry. */
  readonly certificateEntryOffset: number | undefined;
  readonly certificates: { readonly offset: number; readonly size: number };
}

const architectures: Readonly<Record<number, string>> = {
  0x014c: "x86",
  0x8664: "x86-64",
  0x01c0: "arm",
  0x01c2: "arm",
  0x01c4: "arm",
  0xaa64: "arm64",
  0x0200: "ia64",
  0x5032: "riscv32",
  0x5064: "riscv64",
  0x6264: "loongarch64",
};

const dosHeaderSize = 64;
const coffHeaderSize = 24;
const sectionHeaderSize = 40;
/** The Windows loader's limit; UKIs with many profiles stay far below it. */
const maxSections = 512;
/** Where an image may have its PE header; real ones have it within the first page. */
const maxHeaderOffset = 1 << 20;
const certificateDirectory = 4;

const refuse = (code: PeFaultCode, state: string): Fault<PeFaultCode> =>
  new Fault(code, `Cannot read the EFI image: ${state}`);

/** `length` bytes, or the Fault that the file is cut off. */
async function readExactly(reader: ByteReader, offset: number, length: number, what: string): Promise<DataView> {
  if (offset + length > reader.sizeBytes) throw refuse("pe-truncated", `it ends within ${what}`);
  const bytes = await reader.read(offset, length);
  if (bytes.length < length) throw refuse("pe-truncated", `it ends within ${what}`);
  return new DataView(bytes.buffer, bytes.byteOffset, length);
}

/** Throws `not-pe` for another kind of file, `pe-truncated` where bytes are missing, `pe-damaged` for nonsense. */
export async function readPe(reader: ByteReader): Promise<PeImage> {
  if (reader.sizeBytes < dosHeaderSize) throw refuse("not-pe", "it is too short to be one");
  const dos = await readExactly(reader, 0, dosHeaderSize, "its first header");
  if (dos.getUint16(0) !== 0x4d5a) throw refuse("not-pe", "it does not begin with MZ");
  const start = dos.getUint32(60, true);
  if (start > maxHeaderOffset) throw refuse("pe-damaged", "its PE header is out of place");
  const coff = await readExactly(reader, start, coffHeaderSize, "its PE header");
  if (coff.getUint32(0) !== 0x50450000) throw refuse("not-pe", "it has no PE signature");
  const machine = coff.getUint16(4, true);
  const count = coff.getUint16(6, true);
  const optionalSize = coff.getUint16(20, true);
  if (count === 0 || count > maxSections) throw refuse("pe-damaged", `it claims to have ${count} sections`);
  const headers = await readExactly(
    reader,
    start + coffHeaderSize,
    optionalSize + count * sectionHeaderSize,
    "its headers",
  );
  const { sizeOfHeaders, certificates, entryAt } = readOptionalHeader(headers, optionalSize);
  const tableEnd = start + coffHeaderSize + headers.byteLength;
  if (sizeOfHeaders < tableEnd) throw refuse("pe-damaged", "its section table is larger than its headers");
  requireEnd(reader, sizeOfHeaders, "its headers");
  const sections = Array.from({ length: count }, (_, index) =>
    readSection(headers, optionalSize + index * sectionHeaderSize),
  );
  for (const { name, offset, size } of sections) {
    if (size > 0 && offset < tableEnd) throw refuse("pe-damaged", `its section ${name} lies within the headers`);
    if (size > 0) requireEnd(reader, offset + size, `its section ${name}`);
  }
  if (certificates.size > 0) requireEnd(reader, certificates.offset + certificates.size, "its signature");
  return {
    arch: architectures[machine] ?? `machine-0x${machine.toString(16)}`,
    sections,
    signed: certificates.size > 0,
    layout: {
      headersSize: sizeOfHeaders,
      checksumOffset: start + coffHeaderSize + 64,
      certificateEntryOffset: entryAt === undefined ? undefined : start + coffHeaderSize + entryAt,
      certificates,
    },
  };
}

function requireEnd(reader: ByteReader, end: number, what: string): void {
  if (end > reader.sizeBytes)
    throw refuse("pe-truncated", `it ends within ${what}, ${end - reader.sizeBytes} bytes are missing`);
}

function readOptionalHeader(
  view: DataView,
  size: number,
): { sizeOfHeaders: number; certificates: { offset: number; size: number }; entryAt: number | undefined } {
  const magic = size >= 2 ? view.getUint16(0, true) : 0;
  const directories = magic === 0x20b ? 112 : magic === 0x10b ? 96 : undefined;
  if (directories === undefined || size < directories)
    throw refuse("pe-damaged", "its optional header is of no known kind");
  const count = view.getUint32(directories - 4, true);
  const at = directories + certificateDirectory * 8;
  const present = count > certificateDirectory && size >= at + 8;
  return {
    sizeOfHeaders: view.getUint32(60, true),
    certificates: present
      ? { offset: view.getUint32(at, true), size: view.getUint32(at + 4, true) }
      : { offset: 0, size: 0 },
    entryAt: present ? at : undefined,
  };
}

function readSection(view: DataView, at: number): PeSection {
  let name = "";
  for (let index = 0; index < 8; index++) {
    const code = view.getUint8(at + index);
    if (code === 0) break;
    name += code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : "?";
  }
  return {
    name,
    virtualSize: view.getUint32(at + 8, true),
    size: view.getUint32(at + 16, true),
    offset: view.getUint32(at + 20, true),
  };
}

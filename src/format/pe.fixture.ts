// A tiny PE file for tests: it has the sections of a unified kernel image and cannot run.
import type { ByteReader } from "./pe.ts";

export interface TinyUkiParts {
  readonly osRelease?: string;
  readonly cmdline?: string;
  /** What stands for the kernel; makes images of one shape differ. */
  readonly payload?: Uint8Array | string;
}

const fileAlignment = 512;
const peStart = 64;
const optionalSize = 112 + 16 * 8;

const align = (size: number): number => Math.ceil(size / fileAlignment) * fileAlignment;
const toBytes = (content: Uint8Array | string): Uint8Array =>
  typeof content === "string" ? new TextEncoder().encode(content) : content;

/** A PE32+ image for x86-64 with these sections in order. */
export function tinyPe(sections: readonly (readonly [name: string, content: Uint8Array | string])[]): Uint8Array {
  const contents = sections.map(([name, content]) => ({ name, content: toBytes(content) }));
  const headersSize = align(peStart + 24 + optionalSize + contents.length * 40);
  const file = new Uint8Array(contents.reduce((size, { content }) => size + align(content.length), headersSize));
  const view = new DataView(file.buffer);
  view.setUint16(0, 0x4d5a);
  view.setUint32(60, peStart, true);
  view.setUint32(peStart, 0x50450000);
  view.setUint16(peStart + 4, 0x8664, true);
  view.setUint16(peStart + 6, contents.length, true);
  view.setUint16(peStart + 20, optionalSize, true);
  const optional = peStart + 24;
  view.setUint16(optional, 0x20b, true);
  view.setUint32(optional + 32, 4096, true);
  view.setUint32(optional + 36, fileAlignment, true);
  view.setUint32(optional + 60, headersSize, true);
  view.setUint16(optional + 68, 10, true);
  view.setUint32(optional + 108, 16, true);
  let offset = headersSize;
  let address = 4096;
  for (const [index, { name, content }] of contents.entries()) {
    const at = optional + optionalSize + index * 40;
    file.set(toBytes(name).subarray(0, 8), at);
    view.setUint32(at + 8, content.length, true);
    view.setUint32(at + 12, address, true);
    view.setUint32(at + 16, align(content.length), true);
    view.setUint32(at + 20, offset, true);
    file.set(content, offset);
    offset += align(content.length);
    address += Math.max(4096, Math.ceil(content.length / 4096) * 4096);
  }
  view.setUint32(optional + 56, address, true);
  return file;
}

/** What a signature of an image made here speaks for: all of it without checksum and certificate entry. */
export function authenticodeBytes(image: Uint8Array): Uint8Array {
  const optional = peStart + 24;
  const [checksum, entry] = [optional + 64, optional + 112 + 4 * 8];
  return Uint8Array.from([
    ...image.subarray(0, checksum),
    ...image.subarray(checksum + 4, entry),
    ...image.subarray(entry + 8),
  ]);
}

/** The image with a table of certificates of type PKCS#7 at its end, as a program that signs leaves it. */
export function withCertificates(image: Uint8Array, signatures: readonly Uint8Array[]): Uint8Array {
  const start = Math.ceil(image.length / 8) * 8;
  const sizes = signatures.map(({ length }) => Math.ceil((8 + length) / 8) * 8);
  const file = new Uint8Array(sizes.reduce((sum, size) => sum + size, start));
  file.set(image);
  const view = new DataView(file.buffer);
  const entry = view.getUint32(60, true) + 24 + 112 + 4 * 8;
  view.setUint32(entry, start, true);
  view.setUint32(entry + 4, file.length - start, true);
  let at = start;
  for (const [index, signature] of signatures.entries()) {
    view.setUint32(at, 8 + signature.length, true);
    view.setUint16(at + 4, 0x0200, true);
    view.setUint16(at + 6, 0x0002, true);
    file.set(signature, at + 8);
    at += sizes[index] ?? 0;
  }
  return file;
}

/** What a UKI needs to be shown by the loader and to be parsed. */
export function tinyUki({
  osRelease = "ID=demo\n",
  cmdline = "quiet",
  payload = "kernel",
}: TinyUkiParts = {}): Uint8Array {
  return tinyPe([
    [".osrel", osRelease],
    [".cmdline", cmdline],
    [".uname", "6.1.0-demo"],
    [".linux", payload],
  ]);
}

export function bytesReader(bytes: Uint8Array): ByteReader {
  return {
    sizeBytes: bytes.length,
    read: (offset, length) => Promise.resolve(bytes.slice(offset, offset + length)),
  };
}

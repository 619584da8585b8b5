import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readElfNeeds } from "./elf.ts";

const nothing = { needed: [], loads: [], interpreter: undefined };

/** An ELF file with one loaded segment, a dynamic section, a note and an interpreter, in the smallest shape there is. */
function elf(libraries: readonly string[], note: string): Uint8Array {
  const bytes = new Uint8Array(4096);
  const view = new DataView(bytes.buffer);
  const put = (offset: number, text: string): void => bytes.set(new TextEncoder().encode(text), offset);
  const word = (offset: number, value: number): void => view.setBigUint64(offset, BigInt(value), true);
  put(0, "\x7fELF\x02\x01");
  word(32, 64);
  view.setUint16(56, 4, true);
  const segment = (index: number, type: number, offset: number, address: number, size: number): void => {
    const at = 64 + index * 56;
    view.setUint32(at, type, true);
    word(at + 8, offset);
    word(at + 16, address);
    word(at + 32, size);
  };
  segment(0, 1, 0, 0x10000, 4096);
  segment(1, 3, 512, 0x10200, 32);
  segment(2, 2, 1024, 0x10400, (libraries.length + 2) * 16);
  segment(3, 4, 2048, 0x10800, 1024);
  put(512, "/lib64/ld.so\0");
  let string = 3073;
  for (const [index, library] of libraries.entries()) {
    word(1024 + index * 16, 1);
    word(1032 + index * 16, string - 3072);
    put(string, `${library}\0`);
    string += library.length + 1;
  }
  word(1024 + libraries.length * 16, 5);
  word(1032 + libraries.length * 16, 0x10c00);
  view.setUint32(2048, 4, true);
  view.setUint32(2052, note.length, true);
  view.setUint32(2056, 0x407c0c0a, true);
  put(2060, "FDO\0");
  put(2064, note);
  return bytes;
}

test("A program tells the libraries it needs, its loader, and what it loads by itself", () => {
  const note = JSON.stringify([
    { feature: "a", priority: "required", soname: ["liba.so.2", "liba.so.1"] },
    { feature: "b", soname: ["libb.so.1"] },
    { feature: "c", priority: "recommended", soname: [7] },
  ]);
  assert.deepEqual(readElfNeeds(elf(["libc.so.6", "libm.so.6"], note)), {
    needed: ["libc.so.6", "libm.so.6"],
    loads: [
      { names: ["liba.so.2", "liba.so.1"], priority: "required" },
      { names: ["libb.so.1"], priority: "suggested" },
      { names: [], priority: "recommended" },
    ],
    interpreter: "/lib64/ld.so",
  });
});

test("What is no 64-bit ELF file needs nothing, nor does a library that goes by a path", () => {
  assert.deepEqual(readElfNeeds(new Uint8Array()), nothing);
  assert.deepEqual(readElfNeeds(new TextEncoder().encode("#!/bin/sh\n".padEnd(100))), nothing);
  assert.deepEqual(readElfNeeds(elf(["../evil.so"], "[")).needed, []);
});

test("Any bytes are read to an end, and so is a program that was damaged", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => Array.isArray(readElfNeeds(bytes).needed)));
  fc.assert(
    fc.property(fc.nat(4095), fc.nat(255), (offset, value) => {
      const bytes = elf(["libc.so.6"], "[]");
      bytes[offset] = value;
      return readElfNeeds(bytes).needed.length <= 1;
    }),
  );
});

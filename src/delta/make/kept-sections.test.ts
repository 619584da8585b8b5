import assert from "node:assert/strict";
import { test } from "node:test";
import { digestOf } from "../delta.fixture.ts";
import { KeptSections, type Spool } from "./kept-sections.ts";

const sectionOf = (bytes: Uint8Array) => ({ length: bytes.length, sha256: digestOf(bytes) });
const [one, two] = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)];

function spoolOf(file: Uint8Array): Spool {
  return {
    write: async (offset, bytes) => file.set(bytes, offset),
    read: async (offset, into) => {
      const part = file.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
  };
}

test("sections that are kept at the same time come back as they were, from memory or from a file", async () => {
  const file = new Uint8Array(5);
  for (const spool of [undefined, spoolOf(file)]) {
    const kept = new KeptSections(spool);
    const taking = await Promise.all([kept.keep(one, sectionOf(one)), kept.keep(two, sectionOf(two))]);
    assert.deepEqual(await Promise.all(taking.map((take) => take())), [one, two]);
  }
  assert.deepEqual(file, Uint8Array.of(1, 2, 3, 4, 5));
});

test("a section that reads otherwise than it was written goes into no delta", async () => {
  const file = new Uint8Array(5);
  const take = await new KeptSections(spoolOf(file)).keep(one, sectionOf(one));
  file[1] = 9;
  await assert.rejects(take(), { code: "delta-spool" });
  const short = await new KeptSections({ ...spoolOf(file), read: async () => 2 }).keep(one, sectionOf(one));
  await assert.rejects(short(), { code: "delta-spool" });
});

import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fault } from "../base/fault.ts";
import { bytesReader, tinyPe, tinyUki } from "./pe.fixture.ts";
import { readPe } from "./pe.ts";
import { readUki, type Uki } from "./uki.ts";

const read = (bytes: Uint8Array): Promise<Uki> => readUki(bytesReader(bytes));

test("a unified kernel image says what it is", async () => {
  const uki = await read(
    tinyUki({ osRelease: 'ID=demo\nIMAGE_VERSION="5"\n', cmdline: " root=x quiet\n", payload: "k".repeat(600) }),
  );
  assert.equal(uki.arch, "x86-64");
  assert.equal(uki.osRelease?.id, "demo");
  assert.equal(uki.osRelease?.imageVersion, "5");
  assert.equal(uki.cmdline, "root=x quiet");
  assert.equal(uki.uname, "6.1.0-demo");
  assert.equal(uki.sbat, undefined);
  assert.equal(uki.signed, false);
  assert.deepEqual(uki.profiles, [{ cmdline: "root=x quiet" }]);
  assert.deepEqual(uki.sections.at(-1), { name: ".linux", offset: 2048, size: 1024, virtualSize: 600 });
});

test("profiles inherit the command line of the image", async () => {
  const uki = await read(
    tinyPe([
      [".osrel", "ID=a"],
      [".cmdline", "base"],
      [".profile", "ID=main"],
      [".profile", "ID=rescue"],
      [".cmdline", "rescue"],
    ]),
  );
  assert.deepEqual(uki.profiles, [
    { cmdline: "base", profile: "ID=main" },
    { cmdline: "rescue", profile: "ID=rescue" },
  ]);
  assert.equal(uki.cmdline, "base");
});

test("an image is cut off wherever its last byte is missing", async () => {
  const whole = tinyUki();
  for (const length of [whole.length - 1, whole.length - 512, 600, 400, 100, 70])
    await assert.rejects(read(whole.slice(0, length)), { code: "pe-truncated" }, `${length} bytes`);
  const view = new DataView(whole.buffer);
  const certificates = 64 + 24 + 112 + 4 * 8;
  view.setUint32(certificates, whole.length, true);
  view.setUint32(certificates + 4, 8, true);
  await assert.rejects(read(whole), { code: "pe-truncated" });
  const signed = new Uint8Array(whole.length + 8);
  signed.set(whole);
  assert.equal((await read(signed)).signed, true);
});

test("what is no image, and what is nonsense, is told apart", async () => {
  const change = (edit: (view: DataView) => void): Uint8Array => {
    const bytes = tinyUki();
    edit(new DataView(bytes.buffer));
    return bytes;
  };
  for (const [bytes, code] of [
    [new Uint8Array(0), "not-pe"],
    [new Uint8Array(10_000), "not-pe"],
    [change((view) => view.setUint32(60, 0, true)), "not-pe"],
    [change((view) => view.setUint8(64, 0)), "not-pe"],
    [change((view) => view.setUint32(60, 0xffff_ffff, true)), "pe-damaged"],
    [change((view) => view.setUint16(64 + 6, 0, true)), "pe-damaged"],
    [change((view) => view.setUint16(64 + 6, 0xffff, true)), "pe-damaged"],
    [change((view) => view.setUint16(88, 0x999, true)), "pe-damaged"],
    [change((view) => view.setUint32(88 + 60, 64, true)), "pe-damaged"],
    [change((view) => view.setUint32(88 + 240 + 20, 16, true)), "pe-damaged"],
    [tinyUki({ cmdline: "x".repeat((1 << 20) + 1) }), "pe-damaged"],
  ] as const)
    await assert.rejects(read(bytes), { code });
});

test("any bytes, and any image with bytes changed, are an image or a Fault", async () => {
  const decode = async (bytes: Uint8Array): Promise<void> => {
    try {
      await readPe(bytesReader(bytes));
      await read(bytes);
    } catch (error) {
      assert.ok(error instanceof Fault);
    }
  };
  const changes = fc.array(fc.tuple(fc.nat(600), fc.nat(255)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), changes, async (bytes, edits) => {
      await decode(bytes);
      const image = tinyUki();
      for (const [at, value] of edits) image[at] = value;
      await decode(image);
    }),
  );
});

test("of a section without bytes nothing is read, wherever it claims to lie", async () => {
  const bytes = tinyPe([
    [".osrel", ""],
    [".text", "x"],
  ]);
  // The offset of the first section, behind the DOS, PE and optional headers (see pe.fixture.ts).
  new DataView(bytes.buffer).setUint32(64 + 24 + 240 + 20, 0xffff_0000, true);
  const reader = bytesReader(bytes);
  const { sizeBytes } = reader;
  await readUki({
    sizeBytes,
    read(offset, length) {
      assert.ok(offset + length <= sizeBytes, `${length} bytes at ${offset}`);
      return reader.read(offset, length);
    },
  });
});

test("many profiles that all name the same megabyte are refused, not read a hundred times", async () => {
  const profiles = Array.from({ length: 100 }, () => [".profile", "x"] as const);
  const bytes = tinyPe([...profiles, [".linux", "k".repeat(1 << 20)]]);
  const view = new DataView(bytes.buffer);
  const linux = 64 + 24 + 240 + 100 * 40;
  for (let index = 0; index < 100; index++)
    for (const field of [8, 16, 20])
      view.setUint32(64 + 24 + 240 + index * 40 + field, view.getUint32(linux + field, true), true);
  await assert.rejects(read(bytes), (error) => error instanceof Fault && error.code === "pe-damaged");
});

import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { confinedDecoder } from "./confined-decoder.ts";
import { type CpioEntry, writeCpio } from "../../format/cpio-writer.ts";
import { bytesReader, tinyPe } from "../../format/pe.fixture.ts";
import { judgeInitrds, judgeUkiInitrd } from "../../image/initrd-parts.ts";

const decoder = confinedDecoder({ isRoot: process.getuid?.() === 0 });

const archive = (...paths: readonly string[]): Uint8Array =>
  writeCpio(paths.map((path): CpioEntry => ({ kind: "file", path, bytes: new Uint8Array(500).fill(0x41) })));

const marker = "usr/lib/holdfast/initrd/holdfast-initrd";
const systemd = "usr/lib/systemd/systemd";
const emergency = "usr/lib/systemd/system/emergency.service.d/10-holdfast.conf";
const microcode = archive("kernel/x86/microcode/GenuineIntel.bin");

async function verdictOn(initrd: Uint8Array): Promise<string> {
  const image = tinyPe([
    [".osrel", "ID=x\n"],
    [".initrd", initrd],
    [".linux", "kernel"],
  ]);
  const verdict = await judgeUkiInitrd(bytesReader(image), decoder);
  return verdict.kind === "lacks-parts" ? `lacks ${verdict.what}` : verdict.kind;
}

test("what an initrd says about itself, packed in whatever way", async () => {
  const whole = archive("init", systemd, emergency, marker);
  const table: readonly (readonly [string, Uint8Array, string])[] = [
    ["plain", whole, "has-parts"],
    ["zstd", zstdCompressSync(whole), "has-parts"],
    ["gzip", gzipSync(whole), "has-parts"],
    ["microcode first", Buffer.concat([microcode, zstdCompressSync(whole)]), "has-parts"],
    [
      "microcode first, with zeros between",
      Buffer.concat([microcode, new Uint8Array(1024), gzipSync(whole)]),
      "has-parts",
    ],
    ["names that begin with a dot", archive(`./${marker}`, `./${emergency}`), "has-parts"],
    ["parts in a second archive", Buffer.concat([archive(systemd), archive(marker, emergency)]), "has-parts"],
    ["busybox, which has no emergency shell", zstdCompressSync(archive("init", marker)), "has-parts"],
    ["a stock one", zstdCompressSync(archive("init", systemd)), `lacks ${marker}`],
    ["systemd without the drop-in", zstdCompressSync(archive(systemd, marker)), `lacks ${emergency}`],
    ["microcode only", microcode, `lacks ${marker}`],
    ["lz4", Buffer.concat([microcode, Buffer.from("02214c1800000000", "hex")]), "unknown"],
    ["cut off", zstdCompressSync(archive("init", "x".repeat(200))).subarray(0, 60), "unknown"],
    ["no archive in it", zstdCompressSync(Buffer.from("no archive")), "unknown"],
    ["no initrd at all", Buffer.from("no initrd"), "unknown"],
  ];
  for (const [what, bytes, expected] of table) assert.equal(await verdictOn(bytes), expected, what);
});

test("an image without an initrd, and what is no image, say nothing", async () => {
  assert.equal((await judgeUkiInitrd(bytesReader(tinyPe([[".osrel", "ID=x\n"]])), decoder)).kind, "unknown");
  assert.equal((await judgeUkiInitrd(bytesReader(new Uint8Array(100)), decoder)).kind, "unknown");
});

test("several files are one initrd", async () => {
  const files = [microcode, zstdCompressSync(archive(systemd)), gzipSync(archive(marker, emergency))];
  assert.deepEqual(await judgeInitrds(files.map(bytesReader), decoder), { kind: "has-parts" });
  assert.equal((await judgeInitrds(files.slice(0, 2).map(bytesReader), decoder)).kind, "lacks-parts");
});

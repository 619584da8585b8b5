// What the reader of FAT volumes sees is what mkfs.fat and mtools put there, and what damage leaves (disk model).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { promisify } from "node:util";
import { type FatFile, FatReader } from "./fat-reader.ts";

const run = promisify(execFile);
const folder = await mkdtemp(join(tmpdir(), "holdfast-fat-reader-"));
after(async () => rm(folder, { recursive: true, force: true }));
const image = join(folder, "esp");
const small = Buffer.from("what is in it");
const large = Buffer.alloc(9000, "0123456789");

async function makeVolume(): Promise<void> {
  await writeFile(image, "");
  await truncate(image, 40 << 20);
  await run("mkfs.fat", ["-F", "32", "-s", "1", image]);
  await writeFile(join(folder, "small"), small);
  await writeFile(join(folder, "large"), large);
  await run("mmd", ["-i", image, "::/EFI", "::/EFI/Linux"]);
  await run("mcopy", ["-i", image, join(folder, "large"), "::/EFI/Linux/os_2+3-0.efi"]);
  await run("mcopy", ["-i", image, join(folder, "small"), "::/LOADER.CON"]);
}

async function look<T>(work: (reader: FatReader, files: readonly FatFile[]) => Promise<T>): Promise<T> {
  await using file = await open(image);
  const reader = await FatReader.open(file, 0);
  return await work(reader, await reader.list());
}

suite("Reading a FAT32 volume", async () => {
  await makeVolume();

  test("tells names, long and short, folders, and bytes", async () => {
    await look(async (reader, files) => {
      const shown = files.map(({ path, isFolder, bytes, isWhole }) => [path, isFolder, bytes, isWhole]);
      assert.deepEqual(shown, [
        ["EFI", true, 0, true],
        ["EFI/Linux", true, 0, true],
        ["EFI/Linux/os_2+3-0.efi", false, 9000, true],
        ["LOADER.CON", false, 13, true],
      ]);
      assert.deepEqual(await reader.read(files[2] as FatFile), large);
      assert.deepEqual(await reader.read(files[3] as FatFile), small);
    });
  });

  test("shows the short name when the long one does not belong to it, and a chain that was freed as not whole", async () => {
    const bytes = await (async () => {
      await using file = await open(image, "r");
      return await file.readFile();
    })();
    const short = bytes.indexOf("OS_2_3~1EFI") >= 0 ? "OS_2_3~1EFI" : "OS_2+3~1EFI";
    const at = bytes.indexOf(short);
    assert.notEqual(at, -1);
    bytes[at - 32 + 13] = 0; // The sum in the slot of the long name.
    const cluster = bytes.readUInt16LE(at + 26);
    bytes.writeUInt32LE(0, bytes.readUInt16LE(14) * 512 + cluster * 4);
    await writeFile(image, bytes);
    await look(async (reader, files) => {
      const found = files.find(({ bytes: size }) => size === 9000);
      assert.equal(found?.path, `EFI/Linux/${short.slice(0, 8)}.EFI`);
      assert.equal(found.hasLongName, false);
      assert.equal(found.isWhole, false);
      assert.deepEqual(await reader.read(found), Buffer.alloc(0));
    });
  });

  test("refuses what is no volume", async () => {
    await writeFile(image, Buffer.alloc(4096));
    await assert.rejects(
      look(async () => undefined),
      /none of FAT32/,
    );
  });
});

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ensureTools } from "../../toolbox/toolbox.ts";
import { espOffset, makeDisk } from "./disk.ts";
import { EspImage } from "./esp-image.ts";
import { loaderVendor, ordinary, readLoaderVariable, readVariables, writeLoaderVariable } from "./variable-store.ts";

/** A store as edk2 makes it, with nothing in it: erased flash. */
function emptyStore(): Buffer {
  const bytes = Buffer.alloc(4096, 0xff);
  bytes.writeUInt16LE(72, 48);
  Buffer.from("782cf3aa7b949a43a1802e144ec37792", "hex").copy(bytes, 72);
  bytes.writeUInt32LE(2048, 88);
  return bytes;
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-machine-"));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("EFI variables of a machine that is off are written, replaced and removed", async () => {
  await withFolder(async (folder) => {
    const path = join(folder, "variables.fd");
    await writeFile(path, emptyStore());
    await writeLoaderVariable(path, "LoaderEntryDefault", "os_2.efi");
    await writeLoaderVariable(path, "LoaderEntryOneShot", "os_1.efi");
    await writeLoaderVariable(path, "LoaderEntryDefault", "os_10.efi");
    await writeLoaderVariable(path, "LoaderEntryOneShot", undefined);
    const found = await readVariables(path);
    assert.deepEqual(
      found.map(({ name, vendor, attributes }) => [name, vendor, attributes]),
      [["LoaderEntryDefault", loaderVendor, ordinary]],
    );
    assert.equal(await readLoaderVariable(path, "LoaderEntryDefault"), "os_10.efi");
    assert.equal(await readLoaderVariable(path, "LoaderEntryOneShot"), undefined);
    await assert.rejects(writeLoaderVariable(path, "LoaderEntryDefault", "x".repeat(4096)), /is full/);
  });
});

const tools = await ensureTools(["sfdisk", "mkfs.fat", "mkfs.ext4", "mcopy", "mmd", "mdir", "mren", "mdel"]);
const lacking = tools.missing.map(({ program }) => program).join(", ");

test("the ESP of a disk is read and changed between boots", {
  skip: lacking === "" ? false : `${lacking} missing`,
}, async () => {
  await withFolder(async (folder) => {
    const system = join(folder, "system");
    await mkdir(join(system, "system"), { recursive: true });
    const disk = join(folder, "disk");
    const layout = { espBytes: 64 << 20, systemBytes: 8 << 20 };
    await writeFile(join(folder, "entry"), "MZ");
    await makeDisk(disk, new Map([["EFI/Linux/os_1.efi", join(folder, "entry")]]), system, layout);
    const esp = new EspImage(disk, espOffset);
    await esp.write("loader/loader.conf", "timeout 0\n");
    await esp.rename("EFI/Linux/os_1.efi", "os_1+0-1.efi");
    assert.deepEqual(await esp.names("EFI/Linux"), ["os_1+0-1.efi"]);
    assert.deepEqual(await esp.names("EFI/none"), []);
    assert.equal(String(await esp.read("loader/loader.conf")), "timeout 0\n");
    assert.equal(await esp.read("loader/none"), undefined);
    await esp.remove("EFI/Linux/os_1+0-1.efi");
    assert.deepEqual(await esp.names("EFI/Linux"), []);
  });
});

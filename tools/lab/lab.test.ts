import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, copyFile, mkdtemp, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, suite, test } from "node:test";
import { promisify } from "node:util";
import * as openpgp from "openpgp";
import { auditTree } from "./audit-tree.ts";
import { imagePath, makeMachine } from "./machine-tree.ts";
import { fileOf } from "./release.ts";
import { Repository } from "./repository.ts";
import { createSigningKey, loadSigningKey } from "./signing.ts";
import { makeSmallRelease } from "./small-release.ts";
import { tinyUki } from "./tiny-uki.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "holdfast-lab-"));
});
afterEach(async () => rm(folder, { recursive: true, force: true }));

suite("A published repository", () => {
  test("lists every resource with its digest, under a signature that gpgv accepts", async (t) => {
    const key = await createSigningKey();
    const release = await makeSmallRelease(join(folder, "made"), { version: "1", imageBytes: 1000, index: true });
    const repository = await Repository.create(join(folder, "repository"), { key, bestBefore: "2031-05-01" });
    await repository.publish(release);
    const [marker, entry, image, index] = (await repository.readManifest()).trimEnd().split("\n");
    assert.equal(marker, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855 *BEST-BEFORE-2031-05-01");
    assert.equal(entry, `${fileOf(release, "entry").sha256} *os_1.efi`);
    assert.equal(image, `${fileOf(release, "image").sha256} *os_1.erofs`);
    assert.equal(index, `${fileOf(release, "index").sha256} *os_1.erofs.caibx`);
    const keyring = join(folder, "keyring.pgp");
    await writeFile(keyring, key.publicKeyring);
    const sums = join(repository.folder, "SHA256SUMS");
    try {
      await promisify(execFile)("gpgv", ["--keyring", keyring, `${sums}.gpg`, sums]);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return t.skip("no gpgv here");
      throw error;
    }
  });

  test("can be unsigned, signed in armor, and signed again by a key that was kept in a file", async () => {
    const key = await createSigningKey();
    await key.save(join(folder, "key"));
    const again = await loadSigningKey(join(folder, "key"));
    assert.equal(again.fingerprint, key.fingerprint);
    const repository = await Repository.create(join(folder, "repository"));
    await repository.publish(await makeSmallRelease(folder, { version: "1", imageBytes: 10 }));
    await assert.rejects(readFile(join(repository.folder, "SHA256SUMS.gpg")), { code: "ENOENT" });
    await repository.writeManifest({ key: again, signature: "SHA256SUMS.asc" });
    const signature = await readFile(join(repository.folder, "SHA256SUMS.asc"), "utf8");
    const checked = await openpgp.verify({
      message: await openpgp.createMessage({ binary: await readFile(join(repository.folder, "SHA256SUMS")) }),
      signature: await openpgp.readSignature({ armoredSignature: signature }),
      verificationKeys: await openpgp.readKeys({ binaryKeys: key.publicKeyring }),
    });
    assert.equal(await checked.signatures[0]?.verified, true);
  });
});

suite("Small releases", () => {
  test("are the same bytes for the same options, and others for another seed", async () => {
    const make = async (place: string, seed: number): Promise<string[]> =>
      (await makeSmallRelease(join(folder, place), { version: "2", seed, imageBytes: 5000 })).files.map(
        (file) => file.sha256,
      );
    assert.deepEqual(await make("a", 0), await make("b", 0));
    const [image, entry] = await make("c", 1);
    const [otherImage, otherEntry] = await make("a", 0);
    assert.notEqual(image, otherImage);
    assert.notEqual(entry, otherEntry);
  });

  test("have an entry whose section table lies within the file", () => {
    const uki = Buffer.from(tinyUki({ osRelease: "ID=os\n", commandLine: "quiet" }));
    const pe = uki.readUInt32LE(0x3c);
    assert.equal(uki.toString("latin1", pe, pe + 4), "PE\0\0");
    const count = uki.readUInt16LE(pe + 6);
    const first = pe + 24 + uki.readUInt16LE(pe + 20);
    const sections = Array.from({ length: count }, (_, index) => {
      const header = first + index * 40;
      const [size, offset] = [uki.readUInt32LE(header + 8), uki.readUInt32LE(header + 20)];
      assert.ok(offset + uki.readUInt32LE(header + 16) <= uki.length);
      assert.equal(offset % 512, 0);
      const name = uki.toString("latin1", header, header + 8).replace(/\0+$/, "");
      return [name, uki.toString("latin1", offset, offset + size)];
    });
    assert.deepEqual(sections.slice(1, 3), [
      [".osrel", "ID=os\n"],
      [".cmdline", "quiet\0"],
    ]);
  });
});

suite("The judge", () => {
  test("finds every way in which an entry is broken, and nothing wrong with a good machine", async () => {
    const one = await makeSmallRelease(join(folder, "one"), { version: "1" });
    const two = await makeSmallRelease(join(folder, "two"), { version: "2" });
    const twoAgain = await makeSmallRelease(join(folder, "again"), { version: "2", seed: 7 });
    const published = [one, two, twoAgain];
    const machine = await makeMachine(join(folder, "root"), { source: "http://127.0.0.1:1/", installed: [one, two] });
    const entry = join(machine.entries, "os_2.efi");
    const image = imagePath(machine, two);
    const judge = async (): Promise<(string | undefined)[]> =>
      (await auditTree(machine, published)).entries.map((found) => found.broken);

    const good = await auditTree(machine, published);
    assert.deepEqual([good.broken, good.bootable, good.leftovers], [[], ["1", "2"], []]);

    await rename(entry, join(machine.entries, "os_2+3-0.efi"));
    assert.deepEqual((await auditTree(machine, published)).bootable, ["1", "2"]);
    await rename(join(machine.entries, "os_2+3-0.efi"), entry);

    await copyFile(fileOf(twoAgain, "image").path, image);
    assert.deepEqual(await judge(), [undefined, "entry and image come from different publications"]);
    await truncate(image, 0);
    assert.deepEqual(await judge(), [undefined, "its image's bytes are wrong"]);
    await rename(image, `${image}.away`);
    assert.deepEqual(await judge(), [undefined, "its image is absent"]);
    await appendFile(entry, "x");
    assert.deepEqual(await judge(), [undefined, "the entry's own bytes are wrong"]);
    await rename(entry, join(machine.entries, "os_3.efi"));
    await writeFile(join(machine.entries, "windows.efi"), "foreign");
    const last = await auditTree(machine, published);
    assert.deepEqual(
      last.entries.map((found) => found.version),
      ["1", "3", undefined],
    );
    assert.deepEqual(
      last.broken.map((found) => found.broken),
      ["nobody published this version"],
    );
    assert.deepEqual(last.leftovers, ["efi/EFI/Linux/windows.efi", "system/os_2.erofs.away"]);
    assert.deepEqual(last.bootable, ["1"]);
  });
});

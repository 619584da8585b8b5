// The functions of the initrd's parts, one by one (P8), in each of the two shells that initrds have.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { ensurePackages } from "../../tools/toolbox/toolbox.ts";
import { inShell, shells, variableBytes } from "./failed-boot.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-shells-"));
after(() => rm(folder, { recursive: true }));
const packageTree = await ensurePackages("trixie", ["busybox-static"]).catch(() => undefined);
const usable = packageTree === undefined ? [] : await shells(join(packageTree, "usr/bin/busybox"), folder);

/** Two blocks of 4 KiB, and no more of erofs than its superblock. */
function erofs({ magic = 0xe0f5e1e2, bits = 12, blocks = 2 }): Buffer {
  const image = Buffer.alloc(8192);
  image.writeUInt32LE(magic, 1024);
  image.writeUInt8(bits, 1036);
  image.writeUInt32LE(blocks, 1060);
  return image;
}

for (const shell of usable) {
  describe(`the parts, in ${shell.name}`, () => {
    const place = join(folder, shell.name.replace(" ", "-"));
    const at = (name: string): string => join(place, `${name}-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f`);

    test("a variable is written in one piece, read back, and refused where it could not be quoted", async () => {
      await mkdir(place, { recursive: true });
      const write =
        'write_variable "$1" LoaderEntryOneShot "$2" && read_variable "$1" LoaderEntryOneShot || echo refused';
      assert.equal(await inShell(shell, write, place, "os_2+0-1.efi"), "os_2+0-1.efi");
      assert.equal(await inShell(shell, write, place, "os 2"), "refused\n");
      assert.equal(await inShell(shell, write, join(place, "absent"), "os_2.efi"), "refused\n");
      await writeFile(at("LoaderInfo"), variableBytes("Größe %s\t`x`"));
      assert.equal(await inShell(shell, 'read_variable "$1" LoaderInfo', place), "Gr??e %s?`x`");
    });

    for (const [name, id, left] of [
      ["os_2.efi", "os_2.efi", ""],
      ["os_2+3-0.efi", "os_2.efi", "3"],
      ["os_2+00-12.conf", "os_2.conf", "0"],
      ["os_2+010.EFI", "os_2.EFI", "10"],
      ["a+b+2.efi", "a+b.efi", "2"],
      ["a+b.efi", "a+b.efi", ""],
      ["a+1-.efi", "a+1-.efi", ""],
      ["a+-1.efi", "a+-1.efi", ""],
      ["a+1-2-3.efi", "a+1-2-3.efi", ""],
    ] as const)
      test(`${name} is ${id} with ${left || "no"} tries`, async () => {
        assert.equal(await inShell(shell, 'split_name "$1"; echo "$id $left"', name), `${id} ${left}\n`);
      });

    for (const [what, image, answer] of [
      ["an image", erofs({}), ""],
      ["none", undefined, "image-missing is not there\n"],
      ["a folder", "folder", "image-damaged is no file\n"],
      ["nothing in it", Buffer.alloc(0), "image-damaged is empty\n"],
      ["other bytes", erofs({ magic: 0xe0f5e1e3 }), "image-damaged has no erofs superblock\n"],
      ["a few bytes", Buffer.alloc(100), "image-damaged has no erofs superblock\n"],
      ["blocks of two bytes", erofs({ bits: 1 }), "image-damaged has a superblock that makes no sense\n"],
      ["no blocks", erofs({ blocks: 0 }), "image-damaged has a superblock that makes no sense\n"],
      ["an image without its end", erofs({ blocks: 3 }), "image-damaged is shorter than its superblock says\n"],
    ] as const)
      test(`${what}, for an image: ${answer.trim() || "it is one"}`, async () => {
        const path = join(place, what);
        await mkdir(image === "folder" ? path : place, { recursive: true });
        if (image !== undefined && image !== "folder") await writeFile(path, image);
        assert.equal(await inShell(shell, 'check_image "$1" || :', path), answer);
      });

    test("the page says what was tried and what a person can do", async () => {
      const esp = join(place, "esp");
      await mkdir(join(esp, "EFI/holdfast"), { recursive: true });
      const lines = ["failed\tos_2.efi\timage-missing\tThe image is not there", "chosen\tos_1.efi\t-\t-"];
      await writeFile(join(esp, "EFI/holdfast/failures.txt"), lines.map((line) => `17\t${line}\n`).join(""));
      const page = await inShell(shell, 'tell_page "$1"', esp);
      assert.match(page, /^ {4}os_2\.efi failed: image-missing, The image is not there$/m);
      assert.match(page, /What you can do:/);
      assert.doesNotMatch(page, /chosen/);
    });
  });
}

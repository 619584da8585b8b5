// The functions of the initrd's parts, one by one (P8), in each of the two shells that initrds have.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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

/** The parts of a report as efi_pstore names them; the kernel's log begins anew in each. */
async function reportPanic(
  pstore: string,
  seconds: number,
  entry: string,
  { after = "12.345678", kind = "Panic" } = {},
): Promise<void> {
  const texts = [
    `${kind}#1 Part1\n<4>[   ${after}] CPU: 0\n<0>[   ${after}] Kernel panic - not syncing: it \\ was 50% done\n`,
    `${kind}#1 Part2\n<13>[    3.1] holdfast: this is the start of ${entry}\n<6>[    4.0] erofs: mounted`,
  ];
  await mkdir(pstore, { recursive: true });
  for (const [at, text] of texts.entries())
    await writeFile(join(pstore, `dmesg-efi_pstore-${seconds}0${at + 1}001`), text);
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

    test("a good entry that goes on panicking is found by the reports of its panics, each counted once", async () => {
      const esp = join(place, "panics-esp");
      const pstore = join(place, "pstore");
      await mkdir(esp);
      await mkdir(pstore);
      const start = (entry = "os_2.efi"): Promise<string> =>
        inShell(shell, 'goes_on_panicking "$1" "$2" "$3" && echo "give up" || echo "go on"', esp, pstore, entry);
      assert.equal(await start(), "go on\n", "no report");
      await reportPanic(pstore, 1_700_000_001, "os_2.efi");
      await reportPanic(pstore, 1_700_000_002, "os_1.efi");
      await reportPanic(pstore, 1_700_000_003, "os_2.efi", { after: "86400.000001" });
      assert.equal(await start(), "go on\n", "one");
      assert.equal(await start(), "go on\n", "the same one");
      await reportPanic(pstore, 1_700_000_004, "os_2.efi");
      assert.equal(await start(), "go on\n", "two");
      await reportPanic(pstore, 1_700_000_005, "os_2.efi");
      assert.equal(await start("os_20.efi"), "go on\n", "of another entry");
      assert.equal(await start(), "give up\n", "three");
      assert.equal(await start(), "go on\n", "tried again, since nothing is new");
      await reportPanic(pstore, 1_700_000_006, "os_2.efi");
      assert.equal(await start(), "give up\n", "four");
      const noted = (await readFile(join(esp, "EFI/holdfast/failures.txt"), "utf8")).split("\n");
      assert.match(
        noted[0] ?? "",
        /^\d+\tfailed\tos_2\.efi\tpanic\tKernel panic - not syncing: it \\ was 50% done \(dmesg-efi_pstore-1700000001\)$/,
      );
      assert.equal(noted.length, 5);
      assert.deepEqual(
        (await readdir(pstore)).filter((name) => name.endsWith("01001")),
        [2, 3, 6].map((at) => `dmesg-efi_pstore-170000000${at}01001`),
        "the newest stays, and what is not about it",
      );
    });

    for (const [told, answer] of [
      ["\\EFI\\Linux\\os_2+2-1.efi", "yes"],
      ["\\EFI\\Linux\\os_2+0-3.efi", "no"],
      [undefined, "no"],
    ] as const)
      test(`a start that the loader ${told ?? "does not count"}: ${answer}, it is on trial`, async () => {
        const folder = join(place, `trial-${answer}-${told === undefined}`);
        await mkdir(folder);
        const name = "LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
        if (told !== undefined) await writeFile(join(folder, name), variableBytes(told));
        assert.equal(await inShell(shell, 'is_on_trial "$1" && echo yes || echo no', folder), `${answer}\n`);
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

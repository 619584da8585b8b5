import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { moduleName, readKernelModule } from "./kernel-module.ts";

function module(...strings: readonly string[]): Uint8Array {
  return new TextEncoder().encode(`\x7fELF\0${strings.map((text) => `${text}\0`).join("")}`);
}

test("A module tells its name and what is to be loaded before it", () => {
  for (const [strings, needs] of [
    [["name=vfat", "depends=fat"], ["fat"]],
    [["name=fat", "depends="], []],
    [
      ["name=btrfs", "depends=xor,raid6_pq", "softdep=pre: crc32c", "softdep=pre: xxhash64 post: nothing"],
      ["xor", "raid6_pq", "crc32c", "xxhash64"],
    ],
    [
      ["name=dm_verity", "depends=dm-mod,dm-bufio,reed_solomon"],
      ["dm_mod", "dm_bufio", "reed_solomon"],
    ],
    [["depends=../evil"], []],
  ] as const)
    assert.deepEqual(readKernelModule("x.ko", module(...strings)).needs, needs);
  assert.equal(readKernelModule("dm-mod.ko", module()).name, "dm_mod");
  assert.equal(moduleName("virtio-rng"), "virtio_rng");
});

test("Any bytes are a module that needs little", () => {
  fc.assert(fc.property(fc.uint8Array(), (bytes) => readKernelModule("a.ko", bytes).needs.length <= 256));
});

// The kernel's list of mounts: names in it are those of whoever mounted something.
import { ok } from "node:assert/strict";
import { mountOf, parseMounts } from "../../src/adapter/disk/mounts.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "mounts",
  covers: ["src/adapter/disk/mounts.ts"],
  seeds: () => [
    "22 1 8:2 / / rw,relatime shared:1 - ext4 /dev/sda2 rw\n36 22 8:1 / /boot\\040efi rw - vfat /dev/sda1 rw,fmask=0077\n",
    "40 22 0:30 /@ /home ro master:2 propagate_from:1 - btrfs /dev/sdb ro,subvol=/@\n",
  ],
  run(bytes) {
    const mounts = parseMounts(textOf(bytes));
    const found = mountOf(mounts, "/boot/efi/EFI");
    ok(found === undefined || mounts.includes(found));
  },
};

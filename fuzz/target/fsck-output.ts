// What fsck.fat says about a volume, and the kernel in its log.
import { ok } from "node:assert/strict";
import { complaintOf, damageWhileMounted, findingsOf } from "../../src/adapter/volumes/fat.ts";
import { type Target, textOf } from "../target.ts";

export const target: Target = {
  name: "fsck-output",
  covers: [
    "src/adapter/volumes/fat.ts#findingsOf",
    "src/adapter/volumes/fat.ts#damageWhileMounted",
    "src/adapter/volumes/fat.ts#complaintOf",
  ],
  seeds: () => [
    `fsck.fat 4.2 (2021-01-31)
There are differences between boot sector and its backup.
This is mostly harmless. Differences: (offset:original/backup)
  65:01/00
  71:44/45
  Not automatically fixing this.
Dirty bit is set. Fs was not properly unmounted and some data may be corrupt.
 Automatically removing dirty bit.
Free cluster summary wrong (5 vs. really 4)
  Auto-correcting.
/EFI/demo.efi and
/EFI/demo2.efi
  share clusters.
/dev/sda1: 5 files, 10/2000 clusters
`,
    `[    1.0] FAT-fs (sda1): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.
[    9.0] holdfast: FAT-fs (sda1): checked
`,
  ],
  run(bytes) {
    const text = textOf(bytes);
    const findings = findingsOf({ exitCode: 1, stdout: text, stderr: "" });
    ok(damageWhileMounted(findings).length <= findings.length && findings.length <= 50);
    const lines = text.split("\n");
    const complaint = complaintOf(lines, "sda1");
    ok(complaint === undefined || lines.includes(complaint));
  },
};

// A type 1 boot entry, `loader/entries/*.conf`, as whoever wrote to the ESP left it.
import { deepEqual, ok } from "node:assert/strict";
import { bootEntryKind, formatBootEntry, parseBootEntry } from "../../src/format/boot-entry.ts";
import { bytesOf, decoded, type Target } from "../target.ts";

export const target: Target = {
  name: "boot-entry",
  covers: ["src/format/boot-entry.ts", "src/format/key-value-lines.ts"],
  seeds: () => [
    `# demo
title      "Demo 5"
version    5
machine-id 00000000000000000000000000000001
sort-key   demo
linux      /demo/5/linux
initrd     demo\\5\\initrd
options    quiet
options    root=LABEL=demo_5
devicetree /dtb
devicetree-overlay /a.dtbo /b.dtbo
architecture x64
extra      /addon.efi
`,
    "uki /EFI/Linux/demo.efi\nprofile 1\n",
    "uki-url http://example.org/demo.efi\nefi /shell.efi\r\n",
  ],
  run(bytes) {
    const entry = parseBootEntry(bytes);
    bootEntryKind(entry);
    ok(
      [entry.linux, entry.efi, entry.uki, ...entry.initrd].every((path) => path === undefined || path.startsWith("/")),
    );
    const text = decoded(() => formatBootEntry(entry));
    if (text !== undefined) deepEqual(parseBootEntry(bytesOf(text)), entry);
  },
};

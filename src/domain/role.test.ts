import assert from "node:assert/strict";
import { test } from "node:test";
import type { BootEntry } from "./boot-graph.ts";
import { roleOf, versionOfEntry } from "./role.ts";
import { sampleEntry } from "./sample-entry.ts";
import { sampleTransfer } from "./sample-transfer.ts";

test("The role follows from where the resource goes", () => {
  const rows: readonly (readonly [string, string, string, string])[] = [
    ["/EFI/Linux", "PathRelativeTo=esp", "os_@v.efi", "entry"],
    ["/EFI/Linux", "PathRelativeTo=xbootldr", "os_@v+@l-@d.efi os_@v.efi", "entry"],
    ["/EFI/Linux", "PathRelativeTo=boot", "os_@v.efi", "entry"],
    ["/efi/linux", "PathRelativeTo=boot", "OS_@v.EFI", "entry"],
    ["/EFI", "PathRelativeTo=boot", "Linux/os_@v.efi", "entry"],
    ["/", "PathRelativeTo=esp", "EFI/Linux/os_@v.efi", "entry"],
    ["/loader/entries", "PathRelativeTo=boot", "os_@v+@l.conf", "entry"],
    ["/efi/EFI/Linux", "", "os_@v.efi", "entry"],
    ["/boot/EFI/Linux", "", "os_@v.efi", "entry"],
    ["/boot/efi/EFI/Linux", "", "os_@v.efi", "entry"],
    ["/boot/loader/entries", "", "os_@v.conf", "entry"],
    // A wildcard at the end may stand for `.efi`.
    ["/EFI/Linux", "PathRelativeTo=boot", "os_@v", "entry"],
    ["/EFI/Linux", "PathRelativeTo=boot", "os_@v.efi.extra.d/a.addon.efi", "addon"],
    ["/EFI/Linux/os.efi.extra.d", "PathRelativeTo=boot", "a_@v.addon.efi", "addon"],
    ["/EFI/Linux", "PathRelativeTo=boot", "os_@v.efi.extra.d/a.cred", "addon"],
    ["/loader/addons", "PathRelativeTo=esp", "a_@v.addon.efi", "addon"],
    ["/efi/loader/addons", "", "a_@v.addon.efi", "addon"],
    ["/EFI/Linux", "PathRelativeTo=boot", "os_@v.erofs", "image"],
    ["/EFI/Linux", "PathRelativeTo=boot", "deep/os_@v.efi", "image"],
    ["/EFI/BOOT", "PathRelativeTo=esp", "x_@v.efi", "image"],
    ["/os", "PathRelativeTo=boot", "vmlinuz_@v", "image"],
    ["/EFI/Linux", "", "os_@v.efi", "image"],
    ["/system", "", "os_@v.erofs", "image"],
    ["/bootable/EFI/Linux", "", "os_@v.efi", "image"],
    ["auto", "Type=partition", "os_@v", "image"],
  ];
  for (const [path, target, patterns, role] of rows) {
    assert.equal(roleOf(sampleTransfer("x", { path, target, patterns }).target), role, `${path} ${target} ${patterns}`);
  }
});

const uki = "os_@v+@l-@d.efi os_@v+@l.efi os_@v.efi";

test("An entry belongs to the version that the target's patterns read from its name", () => {
  const rows: readonly (readonly [BootEntry, string, string, string, string | undefined])[] = [
    [sampleEntry("os_5+3-0.efi"), "/EFI/Linux", "PathRelativeTo=boot", uki, "5"],
    [sampleEntry("os_5+2.efi"), "/EFI/Linux", "PathRelativeTo=boot", uki, "5"],
    [sampleEntry("os_5.efi"), "/EFI/Linux", "PathRelativeTo=boot", uki, "5"],
    // Without counters in the patterns the counter is not taken for a part of the version.
    [sampleEntry("os_5+3-0.efi"), "/EFI/Linux", "PathRelativeTo=boot", "os_@v.efi", "5"],
    [sampleEntry("os_5+3-0.efi"), "/EFI/Linux", "PathRelativeTo=esp", "os_@v+@l-@d.efi", "5"],
    [sampleEntry("os_5.efi"), "/EFI/Linux", "PathRelativeTo=xbootldr", uki, undefined],
    [sampleEntry("os_5.efi", { where: "xbootldr" }), "/EFI/Linux", "PathRelativeTo=xbootldr", uki, "5"],
    [sampleEntry("os_5.efi"), "/boot/efi/EFI/Linux", "", uki, "5"],
    [sampleEntry("os_5.efi"), "/", "PathRelativeTo=esp", "EFI/Linux/os_@v.efi", "5"],
    [sampleEntry("os_5.efi"), "/efi/linux", "PathRelativeTo=esp", uki, "5"],
    [sampleEntry("os_5.conf"), "/loader/entries", "PathRelativeTo=boot", "os_@v.conf", "5"],
    [sampleEntry("os_5.conf"), "/EFI/Linux", "PathRelativeTo=boot", uki, undefined],
    [sampleEntry("fedora_5.efi"), "/EFI/Linux", "PathRelativeTo=boot", uki, undefined],
    [sampleEntry("os_5.efi"), "/system", "", "os_@v.efi", undefined],
  ];
  for (const [entry, path, target, patterns, version] of rows) {
    const found = versionOfEntry([sampleTransfer("x", { path, target, patterns })], entry);
    assert.equal(found?.version, version, `${entry.path} under ${path} ${patterns}`);
  }
});

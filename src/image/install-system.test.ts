import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSha256, parseVersion } from "../base/ids.ts";
import { decodeRecord, floorSchema, versionSchema } from "../wire/state.ts";
import { installDefinitions } from "./install-definitions.ts";
import { MiB, planInstall } from "./install-plan.ts";
import { type InstallLayout, type InstallRelease, type InstallRole, installFileName } from "./install-release.ts";
import { type SystemRequest, systemFiles } from "./install-system.ts";

const digest = parseSha256("cd".repeat(32));
const roles: Readonly<Record<InstallLayout, readonly InstallRole[]>> = {
  kde: ["usr", "entry"],
  ab: ["usr", "verity", "entry"],
};

function filesOf(layout: InstallLayout): ReadonlyMap<string, string> {
  const release: InstallRelease = {
    name: "os",
    version: parseVersion("2"),
    layout,
    files: roles[layout].map((role) => ({ role, name: installFileName("os", "2", layout, role), sha256: digest })),
  };
  const request: SystemRequest = {
    release,
    files: roles[layout].map((role) => ({ role, sha256: digest, sizeBytes: 3 * MiB })),
    fileSystem: "ext4",
    source: "https://example.org/os/",
    trust: "proven",
    signedAtMs: 7,
    nowMs: 9,
    device: "/dev/vda",
    espId: "12AB34CD",
  };
  const sizes = { entryBytes: 3 * MiB, usrBytes: 3 * MiB, verityBytes: 3 * MiB, treeBytes: 0 };
  const plan = planInstall({
    disk: "d",
    diskBytes: 1024 * MiB,
    name: "os",
    version: "2",
    layout,
    architecture: "x86-64",
    sizes,
  });
  return new Map(systemFiles(request, plan).map(({ path, text }) => [path, text]));
}

test("an installed machine has definitions, and facts that say what was proven", () => {
  const files = filesOf("kde");
  assert.deepEqual(
    [...files.keys()],
    [
      "etc/sysupdate.d/20-usr.transfer",
      "etc/sysupdate.d/30-uki.transfer",
      "etc/fstab",
      "etc/machine-id",
      "var/lib/holdfast/versions/2.json",
      "var/lib/holdfast/floor.json",
      "var/lib/holdfast/journal.jsonl",
    ],
  );
  const record = decodeRecord(versionSchema, files.get("var/lib/holdfast/versions/2.json") ?? "");
  assert.deepEqual(
    record?.resources.map(({ transfer, role, place, trust }) => [transfer, role, place, trust]),
    [
      ["20-usr", "image", { kind: "file", path: "/system/os_2.erofs" }, "proven"],
      ["30-uki", "entry", { kind: "file", path: "/boot/EFI/Linux/os_2.efi" }, "proven"],
    ],
  );
  assert.equal(record?.partial, undefined);
  const floor = decodeRecord(floorSchema, files.get("var/lib/holdfast/floor.json") ?? "");
  assert.deepEqual(floor?.sources, { "https://example.org/os": { signedAtMs: 7 } });
});

test("where slots are, nobody knows yet how the machine calls its disk: the record tells digests only", () => {
  const record = decodeRecord(versionSchema, filesOf("ab").get("var/lib/holdfast/versions/2.json") ?? "");
  assert.equal(record?.partial, true);
  assert.deepEqual(
    record?.resources.map(({ transfer, place }) => [transfer, place.kind]),
    [
      ["20-usr", "partition"],
      ["22-usr-verity", "partition"],
      ["30-uki", "file"],
    ],
  );
});

test("a table of mounts lets the system grow; with slots it names the ESP, which systemd then does not find by itself", () => {
  const root = "PARTLABEL=holdfast-system / ext4 defaults,x-systemd.growfs 0 1\n";
  assert.equal(filesOf("kde").get("etc/fstab"), root);
  const esp = "UUID=12AB-34CD /boot vfat umask=0077,noauto,x-systemd.automount,x-systemd.idle-timeout=2min 0 2\n";
  assert.equal(filesOf("ab").get("etc/fstab"), root + esp);
});

test("percent signs of an address are doubled, and the entry comes last", () => {
  const made = installDefinitions({ name: "os", layout: "ab", source: "https://example.org/a%20b" });
  assert.deepEqual(
    made.map(({ id }) => id),
    ["20-usr", "22-usr-verity", "30-uki"],
  );
  for (const { text } of made) assert.match(text, /^\[Source\]\nType=url-file\nPath=https:\/\/example\.org\/a%%20b\n/);
  const local = installDefinitions({ name: "os", layout: "kde", source: "/media/stick" });
  for (const { text } of local) assert.match(text, /^\[Source\]\nType=regular-file\nPath=\/media\/stick\n/);
});

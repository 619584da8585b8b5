import assert from "node:assert/strict";
import { test } from "node:test";
import type { TransferTarget } from "../../format/definitions.ts";
import { parsePattern } from "../../format/pattern.ts";
import type { SimFileSystemSettings } from "../../sim/disk/file-system.ts";
import { bareWorld, sessionOn } from "../../sim/scenario/session.fixture.ts";
import { findBootFolders, targetFolder } from "./boot-folders.ts";
import type { Session } from "../session.ts";

interface Sample {
  readonly mounts?: readonly (readonly [mountPoint: string, type: SimFileSystemSettings["type"]])[];
  readonly files?: Readonly<Record<string, string>>;
  readonly environment?: Readonly<Record<string, string>>;
}

function session({ mounts = [], files = {}, environment = {} }: Sample): Session {
  const fileSystems = [["/", "ext4"] as const, ...mounts].map(([mountPoint, type]) => ({
    mountPoint,
    type,
    sizeBytes: 1e7,
  }));
  return sessionOn(bareWorld(files, { fileSystems, environment })).session;
}

async function found(sample: Sample): Promise<readonly (string | undefined)[]> {
  const { esp, xbootldr } = await findBootFolders(session(sample));
  return [esp?.path, xbootldr?.path];
}

const cases: readonly (readonly [
  sentence: string,
  sample: Sample,
  esp: string | undefined,
  xbootldr: string | undefined,
])[] = [
  ["a FAT volume at /efi is the ESP", { mounts: [["/efi", "vfat"]] }, "/efi", undefined],
  ["so is one at /boot, and then there is no XBOOTLDR", { mounts: [["/boot", "vfat"]] }, "/boot", undefined],
  ["so is one at /boot/efi", { mounts: [["/boot/efi", "vfat"]] }, "/boot/efi", undefined],
  [
    "of FAT volumes at /boot and /boot/efi the inner is the ESP",
    {
      mounts: [
        ["/boot", "vfat"],
        ["/boot/efi", "vfat"],
      ],
    },
    "/boot/efi",
    "/boot",
  ],
  [
    "the folder EFI of an ESP at /boot is no second ESP",
    { mounts: [["/boot", "vfat"]], files: { "/boot/efi/Linux/a.efi": "" } },
    "/boot",
    undefined,
  ],
  [
    "/efi comes before /boot",
    {
      mounts: [
        ["/efi", "vfat"],
        ["/boot", "vfat"],
      ],
      files: { "/boot/loader/entries/a.conf": "" },
    },
    "/efi",
    "/boot",
  ],
  ["a folder with EFI in it is the ESP of a tree", { files: { "/efi/EFI/Linux/a.efi": "" } }, "/efi", undefined],
  [
    "a tree whose /boot has the ESP in it has its ESP there",
    { files: { "/boot/efi/EFI/Linux/a.efi": "" } },
    "/boot/efi",
    undefined,
  ],
  ["the empty mount point of an ESP is no ESP", { files: { "/boot/efi/x/y": "" } }, undefined, undefined],
  [
    "a FAT volume comes before a folder that looks like one",
    { mounts: [["/boot/efi", "vfat"]], files: { "/efi/EFI/a": "" } },
    "/boot/efi",
    undefined,
  ],
  ["a folder without is not", { files: { "/efi/other/a": "" } }, undefined, undefined],
  [
    "a plain /boot beside the ESP is no XBOOTLDR",
    { mounts: [["/efi", "vfat"]], files: { "/boot/loader/entries/a.conf": "" } },
    "/efi",
    undefined,
  ],
  ["a machine without any has none", {}, undefined, undefined],
  [
    "a named ESP is believed",
    { files: { "/here/x": "" }, environment: { SYSTEMD_ESP_PATH: "/here" } },
    "/here",
    undefined,
  ],
  [
    "a named ESP that is not there is none",
    { mounts: [["/efi", "vfat"]], environment: { SYSTEMD_ESP_PATH: "/gone" } },
    undefined,
    undefined,
  ],
  [
    "a named XBOOTLDR is believed",
    { mounts: [["/efi", "vfat"]], files: { "/x/a": "" }, environment: { SYSTEMD_XBOOTLDR_PATH: "/x" } },
    "/efi",
    "/x",
  ],
  ["a link is followed inside the root", { files: { "/real/EFI/a": "", "/efi": "->real" } }, "/real", undefined],
];

for (const [sentence, sample, esp, xbootldr] of cases)
  test(sentence, async () => assert.deepEqual(await found(sample), [esp, xbootldr]));

function target(pathRelativeTo: TransferTarget["pathRelativeTo"]): TransferTarget {
  return {
    type: "regular-file",
    path: "/EFI/Linux",
    pathRelativeTo,
    patterns: [parsePattern("@v.efi")],
    removeTemporary: true,
  };
}

test("a target's path is below what it is relative to", async () => {
  const both = session({
    mounts: [
      ["/efi", "vfat"],
      ["/boot", "vfat"],
    ],
    files: { "/boot/loader/entries/a.conf": "" },
  });
  const boot = await findBootFolders(both);
  const folder = (relative: TransferTarget["pathRelativeTo"]): string => targetFolder(both, boot, target(relative));
  assert.deepEqual((["root", "esp", "xbootldr", "boot"] as const).map(folder), [
    "/EFI/Linux",
    "/efi/EFI/Linux",
    "/boot/EFI/Linux",
    "/boot/EFI/Linux",
  ]);
  const espOnly = { ...boot, xbootldr: undefined };
  assert.equal(targetFolder(both, espOnly, target("boot")), "/efi/EFI/Linux");
  assert.throws(() => targetFolder(both, espOnly, target("xbootldr")), {
    code: "no-boot-folder",
    message: /an XBOOTLDR partition/,
  });
  assert.throws(() => targetFolder(both, { esp: undefined, xbootldr: undefined }, target("boot")), {
    code: "no-boot-folder",
    kind: "refused",
  });
});

test("an explicit path needs the folder that it is relative to", async () => {
  const none = session({});
  const boot = await findBootFolders(none);
  assert.throws(() => targetFolder(none, boot, target("explicit")), { code: "no-transfer-source", kind: "usage" });
  const named = sessionOn(bareWorld(), { transferSource: "/media/stick" }).session;
  assert.equal(targetFolder(named, boot, target("explicit")), "/media/stick/EFI/Linux");
});

// Secure Boot for real (P12): what the firmware starts and what it refuses is what we say of it, image by image; and through
// a signed systemd-boot a signed UKI comes up and an unsigned one does not.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { makeDisk } from "../../tools/lab/machine/disk.ts";
import type { Machine } from "../../tools/lab/machine/machine.ts";
import { machineParts, type MachineParts, NoGuest } from "../../tools/lab/machine/parts.ts";
import { KeyRoom, keyRoomTools, type ListedKey, listTools } from "../../tools/lab/secure-boot/keys.ts";
import { bootInTurn, type EnrolledKeys, secureMachine } from "../../tools/lab/secure-boot/machine.ts";
import { probeUki } from "../../tools/lab/secure-boot/probe-uki.ts";
import { verdictUnder } from "../../tools/lab/secure-boot/verdict.ts";

const programs = [...keyRoomTools, ...listTools, "osslsigncode", "ukify", "mkfs.fat", "sfdisk", "mcopy", "mmd", "mdir"];
const found = await machineParts(undefined, programs).catch((error: unknown) => {
  if (error instanceof NoGuest) return error;
  throw error;
});
const skip = found instanceof NoGuest ? found.message : false;

describe("a machine with Secure Boot on", { skip }, () => {
  const parts = found as MachineParts;
  let folder = "";
  let room: KeyRoom;
  before(async () => {
    process.env["PATH"] = `${parts.tools.binFolder}:${process.env["PATH"]}`;
    folder = await mkdtemp(join(tmpdir(), "holdfast-secure-boot-"));
    room = await KeyRoom.open(parts.tools);
  });
  after(async () => {
    await room[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function machineWith(
    name: string,
    keys: EnrolledKeys,
    files: ReadonlyMap<string, Uint8Array>,
  ): Promise<Machine> {
    const own = join(folder, name);
    await mkdir(join(own, "system"), { recursive: true });
    const sources = new Map<string, string>();
    for (const [path, bytes] of files) {
      const source = join(own, `file-${sources.size}`);
      await writeFile(source, bytes);
      sources.set(path, source);
    }
    const disk = join(own, "disk");
    await makeDisk(disk, sources, join(own, "system"), { espBytes: 256 << 20, systemBytes: 16 << 20 });
    return secureMachine({ parts, folder: own, disk }, room, keys);
  }

  test("the firmware refuses and starts what we say, image by image", async () => {
    const authority = await room.make("authority", { authority: true });
    const leaf = await room.make("leaf", { issuer: authority });
    const revoked = await room.make("revoked", { issuer: authority });
    const outdated = await room.make("outdated", { issuer: authority });
    const stranger = await room.make("stranger");
    const other = async (name: string): Promise<Uint8Array> => probeUki(parts, folder, name);
    const tampered = Uint8Array.from(await room.sign(await other("os_6"), leaf));
    tampered[100_000] = (tampered[100_000] ?? 0) ^ 1;
    const recalled = await room.sign(await other("os_5"), leaf);
    const images: readonly (readonly [name: string, image: Uint8Array])[] = [
      ["unsigned", await other("os_1")],
      ["stranger", await room.sign(await other("os_2"), stranger)],
      ["revoked", await room.sign(await other("os_3"), revoked)],
      ["outdated", await room.sign(await other("os_4"), outdated)],
      ["recalled", recalled],
      ["tampered", tampered],
      ["twice", await room.sign(await room.sign(await other("os_7"), leaf), revoked)],
      ["good", await room.sign(await other("os_8"), leaf)],
    ];
    const keys: EnrolledKeys = {
      owner: authority,
      db: [{ kind: "certificate", key: authority }],
      dbx: [
        { kind: "certificate", key: revoked },
        { kind: "digest", key: outdated, bits: 256 },
        { kind: "image", image: recalled },
      ],
    };
    const paths = images.map(([name]) => `EFI/lab/${name}.efi`);
    const machine = await machineWith("table", keys, new Map(images.map(([, image], at) => [paths[at] ?? "", image])));
    await bootInTurn(
      machine.variables,
      paths.map((path) => `\\${path.replaceAll("/", "\\")}`),
    );
    const boot = await machine.boot({ secondsMax: 600, cutAt: /UEFI Interactive Shell|No bootable option/ });
    const lists = { db: await room.lists(...keys.db), dbx: await room.lists(...keys.dbx) };
    for (const [name, image] of images) {
      const refused = new RegExp(`failed to (load|start) .*${name}\\.efi.*(Access Denied|Security Violation)`, "i");
      const verdict = await verdictUnder(lists, image);
      assert.equal(refused.test(boot.console), verdict !== "taken", `${name}: ${verdict}\n${machine.consoles}`);
    }
    assert.match(boot.console, /lab: os_8 is up, secure boot is 1/, machine.consoles);
    assert.equal(boot.ended, "poweroff", machine.consoles);
  });

  test("through a signed systemd-boot a signed UKI comes up, and a newer one that nobody signed does not", async () => {
    const vendor = await room.make("vendor");
    const certificate: ListedKey = { kind: "certificate", key: vendor };
    const loader = await room.sign(await readFile(parts.systemdBoot), vendor);
    const machine = await machineWith(
      "loader",
      { owner: vendor, db: [certificate], dbx: [] },
      new Map([
        ["EFI/BOOT/BOOTX64.EFI", loader],
        ["EFI/Linux/os_1.efi", await room.sign(await probeUki(parts, folder, "os_1"), vendor)],
      ]),
    );
    const first = await machine.boot({ secondsMax: 600 });
    assert.match(first.console, /lab: os_1 is up, secure boot is 1/, machine.consoles);
    await machine.esp.write("EFI/Linux/os_2.efi", await probeUki(parts, folder, "os_2"));
    const second = await machine.boot({ secondsMax: 600, cutAt: /(Access denied|Security violation)/i });
    assert.match(second.console, /(Access denied|Security violation)/i, machine.consoles);
    assert.doesNotMatch(second.console, /lab: os_/, machine.consoles);
  });
});

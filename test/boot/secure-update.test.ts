// P12 from inside a machine with Secure Boot on: what the firmware would not start is refused before anything is installed,
// a signed release is installed and starts.
import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { guestIngredients } from "../../tools/lab/guest/ingredients.ts";
import { type JobFile, makeJob } from "../../tools/lab/guest/job.ts";
import { makeMachineDisk } from "../../tools/lab/guest/machine-disk.ts";
import { warmUp } from "../../tools/lab/guest/warm-up.ts";
import { makeMachine } from "../../tools/lab/machine-tree.ts";
import type { Machine } from "../../tools/lab/machine/machine.ts";
import { machineParts, NoGuest } from "../../tools/lab/machine/parts.ts";
import { describeFile, type LabRelease, type LabRole, publishedName } from "../../tools/lab/release.ts";
import { Repository } from "../../tools/lab/repository.ts";
import { KeyRoom, keyRoomTools, listTools } from "../../tools/lab/secure-boot/keys.ts";
import { secureMachine } from "../../tools/lab/secure-boot/machine.ts";
import { makeUki, probeUki } from "../../tools/lab/secure-boot/probe-uki.ts";
import { createSigningKey } from "../../tools/lab/signing.ts";
import { makeSmallRelease, osRelease } from "../../tools/lab/small-release.ts";
import { tinyUki } from "../../tools/lab/tiny-uki.ts";

const programs = [...keyRoomTools, ...listTools, "ukify", "mkfs.fat", "mkfs.ext4", "sfdisk", "mcopy", "mmd", "mdir"];
const found = await Promise.all([machineParts(undefined, programs), guestIngredients()]).catch((error: unknown) => {
  if (error instanceof NoGuest) return error;
  throw error;
});
const skip = found instanceof NoGuest ? found.message : false;

describe("an update under Secure Boot", { skip }, () => {
  if (found instanceof NoGuest) return;
  const [parts, ingredients] = found;
  let folder = "";
  let room: KeyRoom;
  before(async () => {
    process.env["PATH"] = `${parts.tools.binFolder}:${process.env["PATH"]}`;
    folder = await mkdtemp(join(tmpdir(), "holdfast-secure-update-"));
    room = await KeyRoom.open(parts.tools);
  });
  after(async () => {
    await room[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function release(version: string, entry: Uint8Array): Promise<LabRelease> {
    const place = join(folder, `release-${version}`);
    await mkdir(place);
    const contents: readonly (readonly [LabRole, Uint8Array])[] = [
      ["image", Buffer.alloc(300_000, version)],
      ["entry", entry],
    ];
    const files = contents.map(async ([role, bytes]) => {
      const name = publishedName("os", version, role);
      await writeFile(join(place, name), bytes);
      return describeFile(role, name, join(place, name));
    });
    return { name: "os", version, files: await Promise.all(files) };
  }

  /** A machine that runs `first`, and finds `offered` below /opt/holdfast/job/repository. */
  async function machineWith(loader: Uint8Array, first: LabRelease, offered: readonly LabRelease[], script: string) {
    const key = await createSigningKey();
    const [older, newer] = await Promise.all(
      ["1", "2"].map((version) => makeSmallRelease(join(folder, `small-${version}`), { version, index: true })),
    );
    // Under emulation compiling takes half of the time.
    if (older !== undefined && newer !== undefined) await warmUp(folder, key, older, newer);
    const repository = join(folder, "repository");
    await (await Repository.create(repository, { key })).publish(...offered);
    const names = ["SHA256SUMS", "SHA256SUMS.gpg", ...offered.flatMap(({ files }) => files.map(({ name }) => name))];
    const files = names.map(
      async (name): Promise<JobFile> => ({ path: `repository/${name}`, bytes: await readFile(join(repository, name)) }),
    );
    const job = join(folder, "job.tar");
    await makeJob(job, script, await Promise.all(files));
    const root = join(folder, "root");
    await mkdir(root);
    const source = "/opt/holdfast/job/repository";
    await makeMachine(root, { source, keyring: key.publicKeyring, installed: [first], loaderConf: "timeout 0\n" });
    await mkdir(join(root, "efi/EFI/BOOT"));
    await writeFile(join(root, "efi/EFI/BOOT/BOOTX64.EFI"), loader);
    const disk = join(folder, "disk");
    await makeMachineDisk(disk, root);
    const drive = (id: string, file: string): readonly string[] => [
      "-drive",
      `if=none,id=${id},format=raw,readonly=on,file=${file}`,
      "-device",
      `virtio-blk-pci,drive=${id},serial=${id}`,
    ];
    return { disk, more: [...drive("programs", ingredients.programsDisk), ...drive("job", job)] };
  }

  test("unsigned, a stranger's and a revoked signer's are refused with nothing changed; a signed one starts", async () => {
    const vendor = await room.make("vendor");
    const old = await room.make("old vendor");
    const stranger = await room.make("stranger");
    const tiny = (version: string): Uint8Array =>
      tinyUki({ osRelease: osRelease("os", version), commandLine: "quiet" });
    const guest = await makeUki(parts, folder, "os_1", await readFile(ingredients.initrd));
    const first = await release("1", await room.sign(guest, vendor));
    const offered = [
      first,
      await release("2", tiny("2")),
      await release("3", await room.sign(tiny("3"), stranger)),
      await release("4", await room.sign(tiny("4"), old)),
      await release("5", await room.sign(await probeUki(parts, folder, "os_5"), vendor)),
    ];
    const script = `
mount -t efivarfs efivarfs /sys/firmware/efi/efivars
# In one process of the shell, so that the machine is mounted once.
each() {
  for version in 2 3 4 5; do
    holdfast update $version </dev/null
    echo "guest: $version gave $?:" $(cd /efi/EFI/Linux && ls) $(cd /system && ls)
  done
  holdfast status </dev/null
}
machine disk each
`;
    const loader = await room.sign(await readFile(parts.systemdBoot), vendor);
    const { disk, more } = await machineWith(loader, first, offered, script);
    const machine: Machine = await secureMachine({ parts, folder: join(folder, "machine"), disk, more }, room, {
      owner: vendor,
      db: [vendor, old].map((key) => ({ kind: "certificate", key })),
      dbx: [{ kind: "digest", key: old, bits: 256 }],
    });
    const updating = await machine.boot({ secondsMax: 900 });
    const said = (line: string): void => assert.ok(updating.console.includes(line), `${line}\n${machine.consoles}`);
    said("Secure Boot is on, and the firmware would not start it: it is not signed");
    said("Secure Boot is on, and the firmware would not start it: its signer, stranger, is not in db");
    said("Secure Boot is on, and the firmware would not start it: its signer, old vendor, is revoked in dbx");
    for (const version of ["2", "3", "4"]) said(`guest: ${version} gave 4: os_1.efi os_1.erofs\n`);
    said("guest: 5 gave 0: os_1.efi os_5+3-0.efi os_1.erofs os_5.erofs\n");
    assert.match(updating.console, /^Secure Boot +on: only what is signed with a key in db is installed$/m);
    const next = await machine.boot({ secondsMax: 600 });
    assert.match(next.console, /lab: os_5 is up, secure boot is 1/, machine.consoles);
    assert.deepEqual(await machine.esp.names("EFI/Linux"), ["os_1.efi", "os_5+2-1.efi"]);
  });
});

// `holdfast image install`: what it makes, what it refuses, and that nothing starts from a disk it has not finished (P6, P9).
import assert from "node:assert/strict";
import { appendFile, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createSigningKey } from "../../tools/lab/signing.ts";
import { labLoader } from "../../tools/lab/usr-release.ts";
import { holdfast, reason } from "../e2e/run.ts";
import {
  attach,
  cutOut,
  InstallPlace,
  looksBootable,
  MiB,
  mountedTree,
  mountPart,
  partitionsOf,
  sha256,
  whyNoLoops,
} from "./install-disk.ts";

const sizes = ["--size=200M"];

async function withPlace(body: (place: InstallPlace) => Promise<void>): Promise<void> {
  await using place = await InstallPlace.make();
  await body(place);
}

test("the newest release goes onto a new file, and its machine takes it as proven", async () => {
  await withPlace(async (place) => {
    const repository = await place.publish("repo", [{ version: "1" }, { version: "2" }]);
    const disk = place.at("disk.img");
    const done = await place.install(disk, repository, ...sizes);
    assert.equal(done.code, 0, done.stderr);
    assert.match(done.stdout, /^Installed os 2 on \S+disk\.img \(signed by Holdfast Lab \(throw-away\)\)\.\n/);
    assert.deepEqual(
      (await partitionsOf(disk))?.map(({ label, type, offset, bytes }) => [label, type, offset / MiB, bytes / MiB]),
      [
        ["esp", "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", 1, 40],
        ["holdfast-system", "0fc63daf-8483-4772-8e79-3d69d8477de4", 41, 158],
      ],
    );
    const tree = await mountedTree(disk, place);
    assert.equal(await sha256(join(tree, "system/os_2.erofs")), await sha256(join(repository, "os_2.erofs")));
    assert.equal(await sha256(join(tree, "boot/EFI/Linux/os_2.efi")), await sha256(join(repository, "os_2.efi")));
    for (const copy of ["EFI/BOOT/BOOTX64.EFI", "EFI/systemd/systemd-bootx64.efi"])
      assert.equal(await readFile(join(tree, "boot", copy), "latin1"), labLoader);
    assert.equal(await readFile(join(tree, "etc/hostname"), "latin1"), "lab\n");
    assert.deepEqual(await readFile(join(tree, "etc/systemd/import-pubring.pgp")), await readFile(place.at("key.pgp")));
    const doctor = await holdfast(["doctor", "--deep", "--json", `--root=${tree}`]);
    const report = JSON.parse(doctor.stdout) as { readonly findings: readonly { readonly code: string }[] };
    assert.deepEqual(
      report.findings.map(({ code }) => code),
      ["way-back-missing"],
    );
    const status = await holdfast(["status", "--json", `--root=${tree}`]);
    const { versions } = JSON.parse(status.stdout) as { readonly versions: readonly Record<string, unknown>[] };
    assert.deepEqual(
      versions.map(({ version, trust, complete, bootsNext }) => [version, trust, complete, bootsNext]),
      [["2", "proven", true, true]],
    );
    assert.equal((await holdfast(["lint", `--root=${tree}`])).code, 0);
  });
});

test("slots get image and hashes, and the UUIDs by which systemd finds them", async () => {
  await withPlace(async (place) => {
    const files = { "lib/systemd/import-pubring.pgp": place.key.publicKeyring };
    const repository = await place.publish("repo", [{ version: "2", files }]);
    const disk = place.at("disk.img");
    const done = await place.install(disk, repository, ...sizes, "--layout=ab");
    assert.equal(done.code, 0, done.stderr);
    const partitions = (await partitionsOf(disk)) ?? [];
    const labels = ["esp", "os_2", "os_2_verity", "_empty", "_empty", "holdfast-system"];
    assert.deepEqual(
      partitions.map(({ label }) => label),
      labels,
    );
    for (const [label, file] of [
      ["os_2", "os_2.usr.erofs"],
      ["os_2_verity", "os_2.usr.verity"],
    ] as const) {
      const partition = partitions.find((one) => one.label === label);
      assert.ok(partition !== undefined);
      await cutOut(disk, partition, place.at("slot"));
      await truncate(place.at("slot"), (await stat(join(repository, file))).size);
      assert.equal(await sha256(place.at("slot")), await sha256(join(repository, file)));
    }
    const entry = await readFile(join(repository, "os_2.ab.efi"), "latin1");
    const hash = /usrhash=([0-9a-f]{64})/.exec(entry)?.[1] ?? "";
    const uuids = partitions.slice(1, 3).map(({ uuid }) => uuid.replaceAll("-", ""));
    assert.deepEqual(uuids, [hash.slice(0, 32), hash.slice(32)]);
    const tree = await mountedTree(disk, place);
    assert.equal(await sha256(join(tree, "boot/EFI/Linux/os_2.efi")), await sha256(join(repository, "os_2.ab.efi")));
    const copied = await stat(join(tree, "etc/systemd/import-pubring.pgp")).catch(() => undefined);
    assert.equal(copied, undefined, "the image's own keyring knows who signed it");
  });
});

test("btrfs can hold the system instead of ext4", async () => {
  await withPlace(async (place) => {
    const repository = await place.publish("repo", [{ version: "2" }]);
    const disk = place.at("disk.img");
    const done = await place.install(disk, repository, "--size=400M", "--file-system=btrfs");
    assert.equal(done.code, 0, done.stderr);
    const [, system] = (await partitionsOf(disk)) ?? [];
    assert.ok(system !== undefined);
    await cutOut(disk, system, place.at("system"));
    const magic = (await readFile(place.at("system"))).toString("latin1", 0x10040, 0x10048);
    assert.equal(magic, "_BHRfS_M");
  });
});

test("a release that is not what it says leaves the target untouched", async () => {
  await withPlace(async (place) => {
    const stranger = await createSigningKey({ name: "Stranger" });
    const good = await place.publish("good", [{ version: "2" }]);
    const damaged = await place.publish("damaged", [{ version: "2" }]);
    await appendFile(join(damaged, "os_2.erofs"), "x");
    const gone = await place.publish("gone", [{ version: "2" }]);
    await rm(join(gone, "os_2.efi"));
    const key = place.key;
    const cases: readonly (readonly [repository: string, message: string, code: number, ...more: readonly string[]])[] =
      [
        [
          await place.publish("no-uki", [{ version: "2" }], { key, leaveOut: /efi$/ }),
          "Cannot install os 2: the release has no UKI (os_2.efi is not in the SHA256SUMS of PLACE)",
          1,
        ],
        [
          await place.publish("entry-3", [{ version: "2", entryVersion: "3" }]),
          "Cannot install os 2: its entry os_2.efi says it is version 3",
          1,
        ],
        [
          await place.publish("image-3", [{ version: "2", imageVersion: "3" }]),
          "Cannot install os 2: its image os_2.erofs says it is version 3",
          1,
        ],
        [
          await place.publish("other", [{ version: "2", commandLine: "holdfast.usr=/system/os_1.erofs" }]),
          "Cannot install os 2: its entry os_2.efi starts /system/os_1.erofs and not /system/os_2.erofs",
          1,
        ],
        [
          await place.publish("no-hash", [{ version: "2", commandLine: "quiet" }]),
          "Cannot install os 2: its entry os_2.ab.efi names no usrhash=",
          1,
          "--layout=ab",
        ],
        [
          await place.publish("unsigned", [{ version: "2" }], { key: undefined }),
          "Cannot trust PLACE/SHA256SUMS: it is not signed (no SHA256SUMS.gpg beside it)",
          1,
        ],
        [
          await place.publish("stranger", [{ version: "2" }], { key: stranger }),
          "Cannot trust PLACE/SHA256SUMS: its key is not in the keyring",
          1,
        ],
        [damaged, "Cannot use os_2.erofs: what PLACE/os_2.erofs sent is not what the manifest lists", 1],
        [gone, "Cannot install os 2: os_2.efi is listed and not there, in PLACE", 1],
        [good, "Cannot install os 9: PLACE does not list it", 1, "--version=9"],
        [place.at("nowhere"), "Cannot use PLACE: there is no such folder", 1],
      ];
    const disk = place.at("disk.img");
    for (const [repository, message, code, ...more] of cases) {
      const refused = await place.install(disk, repository, ...sizes, ...more);
      assert.equal(reason(refused).replaceAll(repository, "PLACE"), message);
      assert.equal(refused.code, code);
      assert.equal(await stat(disk).catch(() => undefined), undefined, "the target was made");
    }
    const taken = await place.install(disk, place.at("unsigned"), ...sizes, "--unsigned");
    assert.match(taken.stdout, /\(unproven: nobody signed it\)/, taken.stderr);
  });
});

test("a disk that cannot take it is refused, and stays as it is", async () => {
  await withPlace(async (place) => {
    const repository = await place.publish("repo", [{ version: "2" }]);
    const disk = place.at("disk.img");
    const refused = async (message: RegExp, code: number, ...more: readonly string[]): Promise<void> => {
      const before = await readFile(disk).catch(() => undefined);
      const ended = await place.install(disk, repository, ...more);
      assert.match(reason(ended), message);
      assert.equal(ended.code, code);
      assert.deepEqual(await readFile(disk).catch(() => undefined), before);
    };
    await refused(/^Cannot install on \S+: there is no such disk, and a new file needs a size$/, 2);
    await refused(
      /^Cannot install os 2 on \S+: it has 100 MiB, and 139 MiB are needed \(39 MiB more\)$/,
      1,
      "--size=100M",
    );
    await writeFile(disk, "a text that somebody wrote\n".repeat(1000));
    await refused(/: it is not empty, it begins or ends with data of an unknown kind$/, 4);
    await writeFile(disk, "");
    await truncate(disk, 200 * MiB);
    await refused(/: it has 209715200 bytes, and --size says 314572800$/, 2, "--size=300M");
    assert.equal((await place.install(disk, repository)).code, 0);
    await refused(/: it is not empty, it has PMBR, gpt$|: it is not empty, it has gpt, PMBR$/, 4);
    const folder = await place.install(place.folder, repository, ...sizes);
    assert.match(reason(folder), /^Cannot install on \S+: it is neither a disk nor a file$/);
    const absent = await place.install("/dev/holdfast-no-such-disk", repository, ...sizes);
    assert.match(reason(absent), /^Cannot install on \S+: it is neither a disk nor a file$/);
    const unsourced = await holdfast(["image", "install", disk, `--release=${repository}`]);
    assert.equal(
      reason(unsourced),
      "Cannot install from a folder without --source: the new machine could not update itself",
    );
  });
});

const stepCount = 8;
for (const [signal, steps] of [
  ["SIGKILL", [1, 2, 3, 4, 5, 6, 7, 8]],
  ["SIGINT", [3, 6, 8]],
] as const) {
  test(`stopped by ${signal} at any step, no half-made disk looks bootable, and the next run finishes`, async () => {
    await withPlace(async (place) => {
      const repository = await place.publish("repo", [{ version: "2" }]);
      const disk = place.at("disk.img");
      for (const index of steps) {
        await rm(disk, { force: true });
        const stopped = await place.interrupt(disk, repository, index, signal, ...sizes);
        // Whoever is stopped in the last step may have finished it.
        if (index < stepCount) {
          assert.equal(signal === "SIGKILL" ? stopped.signal : stopped.code, signal === "SIGKILL" ? "SIGKILL" : 5);
          if (await stat(disk).catch(() => undefined)) assert.equal(await looksBootable(disk), false, `step ${index}`);
        }
        const again = await place.install(disk, repository, ...(await wipeIfWhole(disk)));
        assert.equal(again.code, 0, again.stderr);
        const tree = await mountedTree(disk, place);
        assert.equal(await sha256(join(tree, "system/os_2.erofs")), await sha256(join(repository, "os_2.erofs")));
      }
    });
  });
}

/** What a second run needs to say: a size where no file is there yet; that a disk which is complete may go. */
async function wipeIfWhole(disk: string): Promise<readonly string[]> {
  if ((await stat(disk).catch(() => undefined)) === undefined) return sizes;
  return (await partitionsOf(disk)) === undefined ? [] : ["--wipe"];
}

test("with --wipe the old table goes first, and an interrupted run leaves neither the old system nor a new one", async () => {
  await withPlace(async (place) => {
    const repository = await place.publish("repo", [{ version: "2" }]);
    const disk = place.at("disk.img");
    assert.equal((await place.install(disk, repository, ...sizes)).code, 0);
    await place.interrupt(disk, repository, 4, "SIGKILL", "--wipe");
    assert.equal((await partitionsOf(disk))?.length, 2, "the old system is there until the new one is ready");
    await place.interrupt(disk, repository, 6, "SIGKILL", "--wipe");
    assert.equal(await looksBootable(disk), false);
    const again = await place.install(disk, repository);
    assert.equal(again.code, 0, again.stderr);
    assert.equal((await partitionsOf(disk))?.length, 2);
  });
});

test("a mounted disk is refused, a block device is filled, and its file system grows when it is mounted", async (t) => {
  const why = await whyNoLoops();
  if (why !== undefined) return t.skip(why);
  await withPlace(async (place) => {
    const repository = await place.publish("repo", [{ version: "2" }]);
    await writeFile(place.at("backing"), "");
    await truncate(place.at("backing"), 700 * MiB);
    await using loop = await attach(place.at("backing"));
    const done = await place.install(loop.device, repository);
    assert.equal(done.code, 0, done.stderr);
    const partitions = (await partitionsOf(loop.device)) ?? [];
    const system = partitions.at(-1);
    assert.ok(system !== undefined);
    const tree = await mountedTree(place.at("backing"), place);
    assert.equal(await sha256(join(tree, "system/os_2.erofs")), await sha256(join(repository, "os_2.erofs")));
    const fileSystemBytes = (await readFile(place.at("system.ext4"))).readUInt32LE(1024 + 4) * 4096;
    assert.ok(fileSystemBytes < system.bytes / 2, "every byte is written and read back, so there are few");
    assert.match(
      await readFile(join(tree, "etc/fstab"), "latin1"),
      /^PARTLABEL=holdfast-system \/ ext4 \S*x-systemd\.growfs/,
    );
    const attached = await place.install(place.at("backing"), repository, "--wipe");
    assert.match(reason(attached), /^Cannot install on \S+: it is in use \(attached to \/dev\/loop\d+\)$/);
    await using mount = await mountPart(place.at("backing"), system.offset, place.at("mounted"));
    const mounted = await place.install(mount.device, repository, "--wipe");
    assert.match(reason(mounted), /^Cannot install on \S+: it is in use \(\/dev\/loop\d+ is mounted on \S+mounted\)$/);
  });
});

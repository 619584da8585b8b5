// The layout with slots: a byte of the new image that booting reads is flipped, dm-verity notices, and the machine is back in
// the older version without a human, which knows why (P8): on trial by the loader's count, blessed by the initrd's.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import type { BootRelease } from "../releases.ts";
import { oneTry, saidJson, serverTest, type ServerScene } from "./scene.ts";

const run = promisify(execFile);

/** Where the first bytes of a file lie in an erofs image. */
async function extentOf(image: string, path: string): Promise<number> {
  const { stdout } = await run("dump.erofs", ["-e", `--path=${path}`, image]);
  const offset = /^\s*0:\s*\d+\.\.\s*\d+ \|\s*\d+ :\s*(\d+)\.\./m.exec(stdout)?.[1];
  assert.ok(offset !== undefined, stdout);
  return Number(offset);
}

async function offsetOf(disk: string, label: string): Promise<number> {
  const { stdout } = await run("sfdisk", ["--json", disk]);
  const { partitiontable } = JSON.parse(stdout) as {
    readonly partitiontable: { readonly partitions: readonly { readonly name: string; readonly start: number }[] };
  };
  const found = partitiontable.partitions.find(({ name }) => name === label);
  assert.ok(found !== undefined, `no partition ${label}`);
  return found.start * 512;
}

async function flip(disk: string, offset: number): Promise<void> {
  await using file = await open(disk, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Buffer.from([(byte[0] ?? 0) ^ 1]), 0, 1, offset);
}

/** A byte of the program that the kernel starts first, in the slot of a version. */
async function flipInit({ lab }: ServerScene, release: BootRelease): Promise<void> {
  const image = release.path("ab", "usr");
  const slot = await offsetOf(lab.disk, `os_${release.version}`);
  await flip(lab.disk, slot + (await extentOf(image, "/lib/systemd/systemd")) + 100);
}

/** Version 2 does not come up, so often. */
async function panics({ lab }: ServerScene, times: number): Promise<void> {
  for (let count = 1; count <= times; count += 1) {
    const boot = await lab.boot({ script: 'say running "$version"\ngo poweroff' });
    assert.deepEqual([boot.said.get("running"), boot.ended], [undefined, "reset"], `start ${count}`);
    assert.match(boot.console, /Kernel panic - not syncing: dm-verity device/);
  }
}

/** Version 1 comes up by itself, and says so of version 2. */
async function knowsWhy({ lab }: ServerScene, evidence: RegExp): Promise<void> {
  assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+0-1.efi"]);
  const last = await lab.boot({
    script: `say running "$version"\njson quarantine holdfast quarantine list
say left "$(ls /sys/fs/pstore | wc -l)"\ngo poweroff`,
  });
  assert.deepEqual([last.said.get("running"), last.said.get("left"), last.ended], ["1", "0", "poweroff"]);
  const { versions } = saidJson(last.said, "quarantine") as { versions: readonly Record<string, string>[] };
  assert.deepEqual(
    versions.map(({ version, evidence: code }) => [version, code]),
    [["2", "panic"]],
  );
  assert.match(versions[0]?.["text"] ?? "", evidence);
}

const update = `online
holdfast update; say update $?
go reboot`;

serverTest(
  "slots: updated from inside, the other pair starts and is found good; a flipped byte later has it given up",
  {},
  async (scene) => {
    const { lab, parts, v1, v2 } = scene;
    await lab.publish(v1, "ab");
    await lab.install(parts, { layout: "ab" });
    await lab.publish(v2, "ab");
    const first = await lab.boot({
      script: `say running "$version"\nsay usr "$(findmnt -no SOURCE /usr)"\n${update}`,
    });
    assert.deepEqual([first.said.get("running"), first.said.get("update"), first.ended], ["1", "0", "reset"]);
    assert.match(first.said.get("usr") ?? "", /^\/dev\/mapper\/usr/);
    assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+3-0.efi"]);
    const second = await lab.boot({ script: 'say running "$version"\njson status holdfast status\ngo poweroff' });
    assert.deepEqual([second.said.get("running"), second.ended], ["2", "poweroff"]);
    assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2.efi"]);
    const { versions } = saidJson(second.said, "status") as { versions: readonly Record<string, unknown>[] };
    assert.deepEqual(
      versions.map(({ version, wayBack, complete }) => [version, wayBack, complete]),
      [
        ["2", false, true],
        ["1", true, true],
      ],
    );
    await flipInit(scene, v2);
    await panics(scene, 3);
    const given = await lab.boot({});
    assert.equal(given.ended, "reset");
    await knowsWhy(scene, /whenever it was started/);
  },
);

serverTest(
  "slots: a flipped byte that booting reads makes the kernel panic, and the older version is back",
  {},
  async (scene) => {
    const { lab, parts, v1, v2 } = scene;
    await lab.publish(v1, "ab");
    await lab.install(parts, { layout: "ab" });
    await lab.publish(v2, "ab");
    const first = await lab.boot({ script: `${oneTry}${update}` });
    assert.deepEqual([first.said.get("update"), first.ended], ["0", "reset"]);
    await flipInit(scene, v2);
    await panics(scene, 1);
    await knowsWhy(scene, /dm-verity device/);
  },
);

// The layout with slots: a byte of the new image that booting reads is flipped, dm-verity notices, and the machine is back in
// the older version without a human (P8).
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { open } from "node:fs/promises";
import { promisify } from "node:util";
import { oneTry, saidJson, serverTest } from "./scene.ts";

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

const update = `online
holdfast update; say update $?
go reboot`;

serverTest(
  "slots: updated from inside, the other pair is filled, starts, and is found good",
  {},
  async ({ lab, parts, v1, v2 }) => {
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
  },
);

serverTest(
  "slots: a flipped byte that booting reads makes the kernel panic, and the older version is back",
  {},
  async ({ lab, parts, v1, v2 }) => {
    await lab.publish(v1, "ab");
    await lab.install(parts, { layout: "ab" });
    await lab.publish(v2, "ab");
    const first = await lab.boot({ script: `${oneTry}${update}` });
    assert.deepEqual([first.said.get("update"), first.ended], ["0", "reset"]);
    const image = v2.path("ab", "usr");
    await flip(lab.disk, (await offsetOf(lab.disk, "os_2")) + (await extentOf(image, "/lib/systemd/systemd")) + 100);
    const second = await lab.boot({ script: 'say running "$version"\ngo poweroff' });
    assert.deepEqual([second.said.get("running"), second.ended], [undefined, "reset"]);
    assert.match(second.console, /dm-verity device has I\/O error|dm-verity device corrupted/);
    assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+0-1.efi"]);
    const third = await lab.boot({ script: 'say running "$version"\ngo poweroff' });
    assert.deepEqual([third.said.get("running"), third.ended], ["1", "poweroff"]);
  },
);

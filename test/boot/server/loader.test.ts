// The boot loader's two copies: replaced one in a boot, once the release that brings a newer one was found good; power that is
// cut between them leaves a machine that starts (P8).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { serverTest, type ServerScene } from "./scene.ts";

const copies = ["EFI/BOOT/BOOTX64.EFI", "EFI/systemd/systemd-bootx64.efi"] as const;

async function digests({ lab }: ServerScene): Promise<readonly (string | undefined)[]> {
  const found: (string | undefined)[] = [];
  for (const path of copies) {
    const bytes = await lab.machine.esp.read(path);
    found.push(bytes && createHash("sha256").update(bytes).digest("hex"));
  }
  return found;
}

serverTest(
  "a newer boot loader replaces its copies one in a boot, each with its own entry in the firmware",
  {},
  async (scene) => {
    const { lab, parts, v1 } = scene;
    await lab.publish(v1);
    await lab.install(parts, { install: [`--loader=${parts.systemdBoot}`] });
    const [old] = await digests(scene);
    assert.deepEqual(await digests(scene), [old, old]);
    const look = `say running "$version"\nsay new "$(sha256sum </usr/lib/systemd/boot/efi/systemd-bootx64.efi | cut -c1-64)"
say loader "$(journalctl -b -o cat -u holdfast-blessed.service | tr '\\n' ' ')"\n`;
    // No shutdown: the plug is pulled once the first copy was replaced.
    const first = await lab.boot({ script: `${look}say cut now\nsleep infinity` }, { cutAt: /said: cut now/ });
    assert.equal(first.ended, "cut");
    const fresh = first.said.get("new");
    const once = await digests(scene);
    assert.equal(once.filter((digest) => digest === old).length, 1, "one copy in a boot");
    assert.equal(once.filter((digest) => digest === fresh).length, 1);
    // What was just written starts the machine, or the other copy does; then the other one follows.
    const second = await lab.boot({ script: `${look}go reboot` });
    assert.equal(second.said.get("running"), "1");
    assert.deepEqual(await digests(scene), [fresh, fresh]);
    const third = await lab.boot({ script: `${look}go poweroff` });
    assert.equal(third.said.get("running"), "1");
  },
);

// Updates by themselves, on a whole machine: the units with their sandbox on, systemd as process 1, and a real network. The
// installer has none of it, an ESP in doubt is checked by it all the same, and the reboot comes in its window.
import assert from "node:assert/strict";
import { saidJson, serverTest } from "./scene.ts";

/** What a power cut in the middle of a change leaves, from an earlier boot. */
const inDoubt = `mkdir -p /var/lib/holdfast
printf '{"format":1,"bootId":"00000000-0000-0000-0000-000000000000","recovered":[]}\\n' >/var/lib/holdfast/esp-open.json
`;

/** An update under emulation, on a machine that others work on as well. */
const patience = { secondsMax: 2400 };

const run = `run() {
  systemctl start holdfast-update.service; say "$1" $? "$(systemctl show -P ExecMainStatus holdfast-update.service)"
}
told() { say "$1" "$(journalctl -b --no-pager -o cat -u holdfast-update.service -u 'holdfast-fetch@*' | grep -c "$2")"; }
`;

serverTest("enabled, updated by its units in their sandbox, and rebooted in its window", {}, async (scene) => {
  const { lab, parts, v1, v2 } = scene;
  await lab.publish(v1);
  await lab.install(parts);
  await lab.publish(v2);
  const first = await lab.boot(
    {
      script: `${run}online
say off "$(systemctl is-enabled holdfast-update.timer)"
json enable holdfast enable --reboot
say active "$(systemctl is-active holdfast-update.timer holdfast-reboot.timer holdfast-fetch.socket | tr '\\n' ' ')"
${inDoubt}run update
told checked "Checking the file system"
say marker "$(ls /var/lib/holdfast/esp-open.json 2>/dev/null)"
say mounted "$(findmnt -no FSTYPE /boot | tail -1)"
systemctl start --no-block holdfast-reboot.service
sleep infinity
`,
    },
    patience,
  );
  assert.equal(first.said.get("off"), "disabled");
  assert.deepEqual((saidJson(first.said, "enable") as { reboots: boolean }).reboots, true);
  assert.equal(first.said.get("active"), "active active active ");
  assert.equal(first.said.get("update"), "0 0");
  assert.equal(first.said.get("checked"), "1", "the ESP was checked before the update");
  assert.equal(first.said.get("marker"), "");
  assert.equal(first.said.get("mounted"), "vfat");
  assert.equal(first.ended, "reset", "holdfast-reboot.service rebooted the machine");
  assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+3-0.efi"]);

  const second = await lab.boot(
    {
      early: "holdfast update --automatic; say trial $?",
      script: `${run}say running "$version"
say kept "$(systemctl is-enabled holdfast-update.timer)"
online
run newest
holdfast reboot; say due $?
json disable holdfast disable
say off "$(systemctl is-active holdfast-update.timer holdfast-fetch.socket | tr '\\n' ' ')"
go poweroff
`,
    },
    patience,
  );
  assert.equal(second.said.get("trial"), "3", "no update while one is on trial");
  assert.equal(second.said.get("running"), "2");
  assert.equal(second.said.get("kept"), "enabled");
  assert.equal(second.said.get("newest"), "0 3", "nothing newer is no failure of the unit");
  assert.equal(second.said.get("due"), "3");
  assert.equal(second.said.get("off"), "inactive inactive ");
  assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2.efi"]);
});

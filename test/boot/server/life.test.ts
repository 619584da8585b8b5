// The life of a machine, as its owner sees it: installed, updated over the network, judged good, rolled back, forward again
// (P4, P5, P8). Judged by its ESP while it is off, and by what it says on its console.
import assert from "node:assert/strict";
import { saidJson, serverTest } from "./scene.ts";

const step = `say running "$version"
entries entries
systemctl is-active holdfast-boot.service holdfast-blessed.service | tr '\\n' ' ' | sed 's/^/said: active /'; echo
say counted "$(journalctl -b -o cat -u systemd-bless-boot.service | tail -1)"
online
`;

serverTest(
  "installed, updated from inside, judged good, rolled back, and forward again",
  {},
  async ({ lab, parts, v1, v2 }) => {
    await lab.publish(v1);
    await lab.install(parts);
    assert.deepEqual(await lab.entries(), ["os_1.efi"]);
    await lab.publish(v2);

    const first = await lab.boot({ script: `${step}holdfast update; say update $?\ngo reboot` });
    assert.deepEqual(
      [first.said.get("running"), first.said.get("active"), first.ended],
      ["1", "active active ", "reset"],
    );
    assert.equal(first.said.get("update"), "0");
    assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+3-0.efi"]);

    const second = await lab.boot({
      script: `${step}json status holdfast status\nholdfast rollback; say rollback $?\ngo reboot`,
    });
    assert.equal(second.said.get("running"), "2");
    assert.equal(second.said.get("entries"), "os_1.efi os_2.efi ", "blessed");
    const { versions } = saidJson(second.said, "status") as { versions: readonly Record<string, unknown>[] };
    assert.deepEqual(
      versions.map(({ version, trust, running, wayBack }) => [version, trust, running, wayBack]),
      [
        ["2", "proven", true, false],
        ["1", "proven", false, true],
      ],
    );
    assert.equal(second.said.get("rollback"), "0");
    const [, rolled] = await lab.entries();
    assert.match(rolled ?? "", /^os_2\+0-\d\.efi$/);

    const third = await lab.boot({ script: `${step}holdfast rollback 2; say forward $?\ngo reboot` });
    assert.deepEqual([third.said.get("running"), third.said.get("forward")], ["1", "0"]);

    const fourth = await lab.boot({ script: `${step}json doctor holdfast doctor\ngo poweroff` });
    assert.deepEqual([fourth.said.get("running"), fourth.ended], ["2", "poweroff"]);
    assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2.efi"]);
    assert.deepEqual((saidJson(fourth.said, "doctor") as { findings: readonly unknown[] }).findings, []);
  },
);

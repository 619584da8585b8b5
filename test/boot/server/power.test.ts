// Short sessions: power that is cut soon after the login prompt, again and again, condemns neither a version that was good
// nor one on trial (P6, P8).
import assert from "node:assert/strict";
import { saidJson, serverTest, type ServerScene } from "./scene.ts";

const cuts = 4;

async function cutShort({ lab }: ServerScene): Promise<void> {
  for (let cut = 1; cut <= cuts; cut += 1) {
    const boot = await lab.boot({ login: "sleep 5; say login" }, { cutAt: /said: login/ });
    assert.equal(boot.ended, "cut");
  }
}

interface Status {
  readonly versions: readonly {
    readonly version: string;
    readonly running: boolean;
    readonly quarantine: string | null;
  }[];
}

serverTest("power cut four times five seconds after login does not condemn a good version", {}, async (scene) => {
  const { lab, parts, v1 } = scene;
  await lab.publish(v1);
  await lab.install(parts);
  await cutShort(scene);
  assert.deepEqual(await lab.entries(), ["os_1.efi"]);
  const last = await lab.boot({ script: 'say running "$version"\njson status holdfast status\ngo poweroff' });
  assert.deepEqual([last.said.get("running"), last.ended], ["1", "poweroff"]);
  const { versions } = saidJson(last.said, "status") as Status;
  assert.deepEqual(
    versions.map(({ version, quarantine }) => [version, quarantine]),
    [["1", null]],
  );
});

serverTest("nor one on trial: without evidence it is unproven, and offered once more", {}, async (scene) => {
  const { lab, parts, v1, v2 } = scene;
  await lab.publish(v1);
  await lab.install(parts);
  await lab.publish(v2);
  const first = await lab.boot({ script: "online\nholdfast update; say update $?\ngo reboot" });
  assert.deepEqual([first.said.get("update"), first.ended], ["0", "reset"]);
  await cutShort(scene);
  const script =
    'say running "$version"\njson quarantine holdfast quarantine list\nonline\njson check holdfast check\n';
  const after = await lab.boot({ script: `${script}holdfast update; say update $?\ngo reboot` });
  assert.deepEqual(saidJson(after.said, "quarantine"), { versions: [] });
  if (after.said.get("running") === "1") {
    assert.equal(after.said.get("update"), "0", "it is offered once more");
    const again = await lab.boot({ script: 'say running "$version"\ngo poweroff' });
    assert.equal(again.said.get("running"), "2");
  } else assert.equal(after.said.get("running"), "2");
  assert.ok((await lab.entries()).includes("os_2.efi"), "version 2 was found good in the end");
});

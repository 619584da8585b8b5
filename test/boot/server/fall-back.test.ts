// An update that comes up and is not good: the older version is back without a human, and remembers why (P8).
import assert from "node:assert/strict";
import { megabytesOf } from "../releases.ts";
import { oneTry, saidJson, serverTest, type ServerScene } from "./scene.ts";

interface Quarantined {
  readonly versions: readonly { readonly version: string; readonly evidence: string; readonly text: string }[];
}

/** Updates to version 2, lets that one start under `early`, and returns what version 1 then knows of it. */
async function update(
  { lab, parts, v1, v2 }: ServerScene,
  prepare: string,
  early: string,
): Promise<Quarantined["versions"]> {
  await lab.publish(v1);
  await lab.install(parts);
  await lab.publish(v2);
  const first = await lab.boot({ script: `${oneTry}${prepare}online\nholdfast update; say update $?\ngo reboot` });
  assert.deepEqual([first.said.get("update"), first.ended], ["0", "reset"]);
  assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+1-0.efi"]);
  // The machine starts again by itself; were version 2 found good, its script would say so.
  const second = await lab.boot({ early, script: 'say good "$version"\ngo poweroff' });
  assert.equal(second.said.get("good"), undefined, "version 2 was found good");
  assert.equal(second.ended, "reset");
  assert.deepEqual(await lab.entries(), ["os_1.efi", "os_2+0-1.efi"]);
  const third = await lab.boot({
    script:
      'say running "$version"\njson quarantine holdfast quarantine list\nonline\nholdfast check; say check $?\ngo poweroff',
  });
  assert.deepEqual([third.said.get("running"), third.ended], ["1", "poweroff"]);
  assert.equal(third.said.get("check"), "3", "what failed here is not offered again");
  return (saidJson(third.said, "quarantine") as Quarantined).versions;
}

const failingCheck = `mkdir -p /etc/holdfast/check/required.d
printf '#!/bin/sh\\n. /usr/lib/os-release\\n[ "$IMAGE_VERSION" != 2 ]\\n' >/etc/holdfast/check/required.d/10-not-two.sh
chmod 755 /etc/holdfast/check/required.d/10-not-two.sh
`;

serverTest("what a machine fetches of a release stays below 160 MB", { always: true }, async ({ v2 }, t) => {
  const weights = await megabytesOf(v2);
  t.diagnostic(`${weights.map((weight) => weight.toFixed(1)).join(" and ")} MB`);
  for (const weight of weights) assert.ok(weight < 160, `${weight} MB`);
});

serverTest(
  "an update whose required check fails is given up, and named with its check",
  { always: true },
  async (scene) => {
    const [found, ...others] = await update(scene, failingCheck, "true");
    assert.deepEqual([found?.version, found?.evidence, others], ["2", "check", []]);
    assert.match(found?.text ?? "", /10-not-two/);
  },
);

serverTest("an update that could not update itself again is given up", {}, async (scene) => {
  // Its keyring is gone, in this version only: another mount is put over it.
  const early = 'mount --bind /dev/null /etc/systemd/import-pubring.pgp; say hidden "$version"';
  const [found, ...others] = await update(scene, "", early);
  assert.deepEqual([found?.version, found?.evidence, others], ["2", "check", []]);
  assert.match(found?.text ?? "", /keyring|definitions|installation/);
});

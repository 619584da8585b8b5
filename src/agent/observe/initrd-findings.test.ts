import assert from "node:assert/strict";
import { test } from "node:test";
import { type CpioEntry, writeCpio } from "../../format/cpio-writer.ts";
import { tinyPe } from "../../format/pe.fixture.ts";
import { simCompress } from "../../sim/decoder/sim-decoder.ts";
import { Content } from "../../sim/disk/content.ts";
import { entryPath, sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { doctorMachine } from "../command/doctor.ts";

const marker = "usr/lib/holdfast/initrd/holdfast-initrd";
const archive = (...paths: readonly string[]): Uint8Array =>
  writeCpio(paths.map((path): CpioEntry => ({ kind: "file", path, bytes: new Uint8Array(300) })));

function uki(initrd: Uint8Array): Content {
  return Content.of(
    tinyPe([
      [".osrel", "ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=1\n"],
      [".initrd", initrd],
      [".linux", "kernel"],
    ]),
  );
}

test("doctor names the entries whose initrd may wait for a key, of UKIs and of type 1 entries", async () => {
  const files = sampleMachine({ seed: 1, layout: "files", installed: ["1", "2", "3"], offered: [] });
  files.world.tree.plant(entryPath("os_1.efi"), uki(simCompress("zst", archive("init"))));
  files.world.tree.plant(entryPath("os_2.efi"), uki(simCompress("zst", archive("init", marker))));
  const conf = sampleMachine({ seed: 1, layout: "conf", installed: ["1", "2"], offered: [] });
  conf.world.tree.plant("/efi/demo/initrd-1", archive("init"));
  conf.world.tree.plant("/efi/demo/initrd-2", archive("init", marker));
  const found = async (sample: typeof files): Promise<readonly string[]> => {
    const { findings } = await doctorMachine(sessionOn(sample.world).session, { deep: false, repair: false });
    return findings.filter(({ code }) => code === "initrd-without-parts").map(({ sentence }) => sentence);
  };
  const said = (entry: string): string =>
    `If a boot of ${entry} fails, it may wait for a key instead of falling back: Holdfast's parts are not in its initrd (no /${marker})`;
  assert.deepEqual(await found(files), [said("os_1.efi")]);
  assert.deepEqual(await found(conf), [said("os_1.conf")]);
});

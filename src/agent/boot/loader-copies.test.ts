import assert from "node:assert/strict";
import { test } from "node:test";
import { tinyUki } from "../../format/pe.fixture.ts";
import { simSigned } from "../../sim/code-verifier/sim-signed-image.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { Content } from "../../sim/disk/content.ts";
import { listedInFirmware } from "../../sim/scenario/loader-updates.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { signedSample } from "../../sim/scenario/secure-boots.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { observe } from "../observe/observe.ts";
import { updateLoader } from "./loader-copies.ts";

const named = "/efi/EFI/systemd/systemd-bootx64.efi";
const fallback = "/efi/EFI/BOOT/BOOTX64.EFI";
const sources = "/usr/lib/systemd/boot/efi/systemd-bootx64.efi";

function loaderOf(version: string, ...chain: readonly string[]): Content {
  const payload = `#### LoaderInfo: systemd-boot ${version} ####`.padEnd(3_000, version);
  const image = tinyUki({ osRelease: "ID=loader\n", payload });
  return Content.of(chain.length === 0 ? image : simSigned(simDigest, image, chain));
}

test("with Secure Boot on, the boot loader is replaced only by one that the firmware starts (P12)", async () => {
  const old = loaderOf("257");
  const plain = loaderOf("262-1");
  const strange = loaderOf("262-1", "stranger");
  const good = loaderOf("262-1", "release", "vendor");
  const table: readonly (readonly [beside: Content | undefined, plain: Content, becomes: Content, state: RegExp])[] = [
    [undefined, plain, old, /^left-alone: Secure Boot would not let the one of this release start: it is not signed/],
    [undefined, strange, old, /^left-alone: Secure Boot would not let .*: its signer, stranger, is not in db/],
    [undefined, good, good, /^updated: /],
    [good, plain, good, /^updated: /],
    [strange, good, good, /^updated: /],
  ];
  for (const [beside, source, becomes, expected] of table) {
    const { world } = sampleMachine({
      seed: 1,
      layout: "files",
      installed: ["1"],
      offered: ["1"],
      ...signedSample(undefined),
    });
    world.tree.plant(named, old);
    world.tree.uproot(fallback);
    world.tree.plant(fallback, old);
    listedInFirmware({ world });
    world.tree.plant(sources, source);
    if (beside !== undefined) world.tree.plant(`${sources}.signed`, beside);
    const { session } = sessionOn(world);
    const [line] = await updateLoader(session, await observe(session, { catalog: false }));
    assert.match(`${line?.state}: ${line?.because}`, expected);
    assert.deepEqual(world.tree.peek(named), becomes, String(expected));
    assert.deepEqual(world.tree.peek(fallback), old, String(expected));
  }
});

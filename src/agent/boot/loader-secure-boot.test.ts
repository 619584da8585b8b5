import assert from "node:assert/strict";
import { test } from "node:test";
import { tinyUki } from "../../format/pe.fixture.ts";
import { simSigned } from "../../sim/code-verifier/sim-signed-image.ts";
import { simDigest } from "../../sim/digest/sim-digest.ts";
import { Content } from "../../sim/disk/content.ts";
import { sampleMachine } from "../../sim/scenario/sample-machine.ts";
import { secureBoot } from "../../sim/scenario/secure-boots.ts";
import { sessionOn } from "../../sim/scenario/session.fixture.ts";
import { observe } from "../observe/observe.ts";
import { updateLoader } from "./loader-copies.ts";

const folder = "/usr/lib/systemd/boot/efi";
const fallback = "/efi/EFI/BOOT/BOOTX64.EFI";
const named = "/efi/EFI/systemd/systemd-bootx64.efi";

function loader(version: string, chain?: readonly string[]): Content {
  const payload = `#### LoaderInfo: systemd-boot ${version} ####`.padEnd(3_000, version);
  const image = tinyUki({ osRelease: "ID=loader\n", payload });
  return Content.of(chain === undefined ? image : simSigned(simDigest, image, chain));
}

test("the boot loader is replaced only by one that Secure Boot lets start, whatever else lies beside it (P12)", async () => {
  const table: readonly (readonly [string, Readonly<Record<string, Content>>, string])[] = [
    [
      "unsigned",
      { "systemd-bootx64.efi": loader("262") },
      "left-alone: Secure Boot would not let the one of this release start: it is not signed",
    ],
    [
      "signed by a stranger",
      { "systemd-bootx64.efi.signed": loader("262", ["stranger"]) },
      "left-alone: Secure Boot would not let the one of this release start: its signer, stranger, is not in db",
    ],
    [
      "signed",
      { "systemd-bootx64.efi.signed": loader("262", ["vendor"]), "systemd-bootx64.efi": loader("262") },
      "updated: 257 becomes 262",
    ],
    [
      "a stranger's beside one that is taken",
      { "systemd-bootx64.efi.signed": loader("262", ["stranger"]), "systemd-bootx64.efi": loader("262", ["vendor"]) },
      "updated: 257 becomes 262",
    ],
  ];
  for (const [what, sources, expected] of table) {
    const { world } = sampleMachine({
      seed: 1,
      layout: "files",
      installed: ["1"],
      offered: [],
      firmware: secureBoot(["vendor"]),
      signers: () => ["vendor"],
    });
    world.tree.uproot(fallback);
    for (const path of [named, fallback]) world.tree.plant(path, loader("257", ["vendor"]));
    for (const [name, content] of Object.entries(sources)) world.tree.plant(`${folder}/${name}`, content);
    const { session } = sessionOn(world);
    const lines = await updateLoader(session, await observe(session, { catalog: false }));
    const line = lines.find(({ path }) => path === named);
    assert.ok(`${line?.state}: ${line?.because}`.startsWith(expected), `${what}: ${line?.state}: ${line?.because}`);
  }
});

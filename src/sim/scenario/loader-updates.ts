// The boot loader's copies are replaced, one in a boot; wherever the power goes, one of them starts (P8).
import { parseUuid } from "../../base/ids.ts";
import { toHex } from "../../base/text.ts";
import { formatLoadOption } from "../../format/efi-load-option.ts";
import { tinyUki } from "../../format/pe.fixture.ts";
import { loaderIs } from "../check/p8-remembered.ts";
import { Content } from "../disk/content.ts";
import { assess, confirmBlessed } from "./boot-commands.ts";
import { inTurn, type Listed, listed, sampleOf, two } from "./listed.ts";
import type { Sample } from "./sample-machine.ts";

const named = "/efi/EFI/systemd/systemd-bootx64.efi";
const fallback = "/efi/EFI/BOOT/BOOTX64.EFI";
const espUuid = parseUuid("5".repeat(32));

const loaderOf = (version: string): Content =>
  Content.of(
    tinyUki({
      osRelease: "ID=loader\n",
      payload: `#### LoaderInfo: systemd-boot ${version} ####`.padEnd(3_000, version),
    }),
  );
const [older, newer] = [loaderOf("257.1-1"), loaderOf("262-1")];

/** The firmware's list has an entry for each of the copies. */
export function listedInFirmware({ world }: Pick<Sample, "world">): void {
  const partition = { uuid: espUuid, number: 1, startSector: 2048, sizeSectors: 20_000 };
  const option = (path: string): string =>
    toHex(formatLoadOption({ description: "Linux", active: true, partition, path }));
  world.variables.set("LoaderDevicePartUUID", espUuid.toUpperCase());
  world.variables.set("Boot0003", option("\\EFI\\systemd\\systemd-bootx64.efi"));
  world.variables.set("Boot0004", option("\\EFI\\BOOT\\BOOTX64.EFI"));
  world.variables.set("BootOrder", "03000400");
}

function machine(seed: number, first: Content, second: Content): Sample {
  const { world, truth } = sampleOf(seed, "files", ["1", "2"], ["1", "2"]);
  world.tree.plant("/usr/lib/systemd/boot/efi/systemd-bootx64.efi", newer);
  world.tree.plant(named, first);
  world.tree.uproot(fallback);
  world.tree.plant(fallback, second);
  listedInFirmware({ world });
  return { world, truth: { ...truth, foreign: new Map([...truth.foreign].filter(([path]) => path !== fallback)) } };
}

/** Where a fault and a power cut took the mark of our own change, nobody knows whose pieces a check recovered (P11). */
const remains = ["/efi/FSCK0000.REC"];
const copies = [named, fallback].map((path) => ({ path, contents: [older, newer] }));
/** Both copies are older than the one that the release brings. */
export function loaderMachine(seed: number): {
  readonly sample: Sample;
  readonly named: string;
  readonly newer: Content;
} {
  return { sample: machine(seed, older, older), named, newer };
}

const both = inTurn(assess, confirmBlessed);

export const loaderUpdates: readonly Listed[] = [
  listed("the named copy of the boot loader is replaced", (seed) => ({
    sample: machine(seed, older, older),
    work: both,
    recover: both,
    // What a boot leaves to the next one is done in the next one.
    settles: false,
    outcomes: two,
    always: ["1", "2"],
    habits: { copies },
    remains,
    alsoDone: loaderIs(named, newer.key()),
    alsoLasting: loaderIs(named, newer.key()),
  })),
  listed("the copy of the boot loader for firmware without a list is replaced", (seed) => ({
    sample: machine(seed, newer, older),
    work: both,
    recover: both,
    outcomes: two,
    always: ["1", "2"],
    habits: { copies },
    remains,
    alsoDone: (world) => [...loaderIs(named, newer.key())(world), ...loaderIs(fallback, newer.key())(world)],
  })),
];

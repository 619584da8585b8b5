// A boot partition in doubt, told by one sign alone: by its own flag, by a mark of an earlier boot, or by nothing but
// that no check of it is to be had (P6, P11; disk model: FAT).
import type { Machine } from "../../../../src/port/machine.ts";
import type { VolumeHealth } from "../../../../src/port/volumes.ts";
import { Content } from "../../../../src/sim/disk/content.ts";
import { SimDisk } from "../../../../src/sim/disk/sim-disk.ts";
import type { SimWorld } from "../../../../src/sim/machine.ts";
import { type Command, update } from "../../../../src/sim/scenario/commands.ts";
import { cutOff, everything } from "../../../../src/sim/scenario/cut-off.ts";
import { type Listed, listed, sampleOf, unless, inTurn } from "../../../../src/sim/scenario/listed.ts";
import { buildNamed, entryPath, type Sample } from "../../../../src/sim/scenario/sample-machine.ts";
import { meddled, refused } from "./meddle.ts";
import { state, toTwo } from "./usual.ts";
import { asking } from "./watch.ts";

/** The command where the volume is in this state, whatever is done about it. */
const whereVolumeIs =
  (health: VolumeHealth, command: Command): Command =>
  (machine) => {
    const volumes = new Proxy(machine.volumes, {
      get(target, name) {
        if (name === "health" || name === "repair") return () => Promise.resolve(health);
        const member: unknown = Reflect.get(target, name, target);
        return typeof member === "function" ? member.bind(target) : member;
      },
    });
    return command({ ...machine, volumes });
  };

/** Someone else's write to the ESP was cut off: it is marked as not unmounted, and no mark of ours says why. */
const dirtied = cutOff(
  async ({ disk }) => {
    await using file = await disk.open("/efi/EFI/other.cfg", "create");
    await file.write(0, new Uint8Array(600));
    await file.sync();
    await disk.syncFolder("/efi/EFI");
    await disk.remove("/efi/EFI/other.cfg");
    await disk.syncFolder("/efi/EFI");
    await disk.stat("/efi");
  },
  ({ name }) => name === "stat",
  everything,
);
const clean = async ({ tree }: SimWorld): Promise<readonly string[]> =>
  tree.volume("/efi").marks() === "" ? [] : [`P11: written to a volume in doubt: ${tree.volume("/efi").marks()}`];

/** Killed while the mark stands, in this boot; and a program of another has a file on the ESP open, for as long as it runs. */
const killed: Command = async (machine) => {
  const { disk } = machine;
  if (!(disk instanceof SimDisk)) throw new Error("Assertion failed: the disk is a simulated one");
  const kill = (): never => {
    throw new Killed();
  };
  try {
    await meddled(update, { after: "replace", path: /esp-open\.json$/, deed: kill })(machine);
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  }
};
class Killed extends Error {}
const whileOpen =
  (command: Command): Command =>
  async (machine: Machine) => {
    await using _ = await machine.disk.open("/efi/loader/loader.conf", "read");
    await command(machine);
  };

/** A second name of the entry of the version that runs, which may share its clusters. */
const secondName = (sample: Sample): void =>
  sample.world.tree.plant(entryPath("os_1+0-1.efi"), buildNamed(sample, "1").entry ?? Content.empty);
const bothNames = async ({ tree }: SimWorld): Promise<readonly string[]> =>
  tree.namesIn("/efi/EFI/Linux").filter((name) => name.startsWith("os_1")).length === 2
    ? []
    : ["P11: one of two names was taken away, and nobody knows whether they share their clusters"];

const damaged = whereVolumeIs({ kind: "dirty", findings: ["a chain that no check mends"] }, update);
const untold = whereVolumeIs({ kind: "unknown", why: "there is no fsck.fat" }, unless(["on-trial"], update));

export const inDoubt: readonly Listed[] = [
  asking(
    listed("v1 to v2 on an ESP that someone else left dirty", (seed) => ({
      ...toTwo(seed),
      before: [dirtied],
      work: update,
    })),
    {
      done: clean,
    },
  ),
  listed("v1 to v2 after a kill, while someone else reads on the ESP", (seed) => ({
    ...toTwo(seed),
    work: whileOpen(inTurn(killed, update)),
  })),
  listed("v1 to v2 on an ESP that no check mends", (seed) => ({
    ...toTwo(seed),
    ...refused(damaged, "esp-in-doubt"),
    outcomes: [{ next: "1", kept: ["1"], unfinished: true }],
    settles: false,
  })),
  asking(
    listed("two names of one entry on an ESP of which nobody knows how it is", (seed) => ({
      sample: sampleOf(seed, "files", ["1"], ["1"]),
      before: [secondName],
      work: untold,
      recover: untold,
      outcomes: [{ next: "1", kept: ["1"], unfinished: true }],
      always: ["1"],
      boots: "no",
      remains: [`${state}/esp-open.json`],
      settles: false,
    })),
    { always: bothNames },
  ),
];

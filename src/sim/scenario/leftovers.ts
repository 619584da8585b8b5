// Leftovers of systemd-sysupdate of each kind (interfaces D.3): found, and gone or continued in the end.
import { derivedType } from "../../format/partition-table.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import type { SimWorld } from "../machine.ts";
import { update } from "./commands.ts";
import { type Listed, listed, sampleOf, two } from "./listed.ts";
import type { Step } from "./promised.ts";
import { buildNamed, entryPath, imagePath, type Layout, plantEntry, plantParts } from "./sample-machine.ts";
import { disk, imageOf, rootType, ukiOf } from "./sample-parts.ts";

const linux = entryPath("").slice(0, -1);
const half = Content.pattern(77, 9_000);

/** What an interrupted run left, and then Holdfast updates. */
function left(what: string, layout: Layout, step: Step): Listed {
  return listed(`leftovers of systemd-sysupdate: ${what}`, (seed) => ({
    sample: sampleOf(seed, layout, ["1"], ["1", "2"]),
    before: [step],
    work: update,
    outcomes: two,
    always: ["1"],
  }));
}

/** The second slot says that it is being filled, or waits to be used. */
function slot({ devices }: SimWorld, stage: "partial" | "pending", label: string, content: Content): void {
  const type = derivedType(rootType, stage, (key, message) => simDigest.hmacSha256(key, message));
  const free = devices.table(disk)?.partitions.find((partition) => partition.label === "_empty");
  if (free === undefined) throw new Error("Assertion failed: the sample disk has a free slot");
  devices.plant(disk, free.number, content);
  devices.beginTable(disk, [{ number: free.number, label, type }]);
  devices.finishTable(disk);
}

export const leftovers: readonly Listed[] = [
  left("temporary files of 257", "files", ({ world: { tree } }) => {
    tree.plant("/images/.#sysupdateos_2.img0123456789abcdef", half);
    tree.plant(`${linux}/.#sysupdateos_2+3-0.efi0123456789abcdef`, half);
  }),
  left("partial files of 262", "files", ({ world: { tree } }) => {
    tree.plant("/images/.sysupdate.partial.os_2.img", half);
    tree.plant(`${linux}/.sysupdate.partial.os_2+3-0.efi`, half);
  }),
  left("pending files of 262, whole", "files", ({ world: { tree } }) => {
    tree.plant("/images/.sysupdate.pending.os_2.img", imageOf("2", 0));
    tree.plant(`${linux}/.sysupdate.pending.os_2+3-0.efi`, ukiOf("2", 0));
  }),
  left("pending files of 262 with other bytes than they should have", "files", ({ world: { tree } }) => {
    tree.plant("/images/.sysupdate.pending.os_2.img", Content.pattern(77, 20_000));
    tree.plant(`${linux}/.sysupdate.pending.os_2+3-0.efi`, half);
  }),
  left("an image without its entry", "files", (sample) => plantParts(sample.world, buildNamed(sample, "2"))),
  left("an image with other bytes, without its entry", "files", ({ world }) =>
    world.tree.plant(imagePath("2"), Content.pattern(77, 20_000)),
  ),
  left("an empty image, without its entry", "files", ({ world }) => world.tree.plant(imagePath("2"), Content.empty)),
  left("a partial tree", "trees", ({ world: { tree } }) => {
    tree.plant("/apps/.sysupdate.partial.app_2/bin/tool", half);
    tree.plant("/apps/.#sysupdateapp_20123456789abcdef/bin/tool", half);
  }),
  left("a pending tree", "trees", ({ world: { tree } }) =>
    tree.plant("/apps/.sysupdate.pending.app_2/version", Content.text("2\n")),
  ),
  left("a partial subvolume", "subvolumes", ({ world: { tree } }) =>
    tree.plant("/apps/.sysupdate.partial.app_2/bin/tool", half),
  ),
  left("a partial slot", "slots", ({ world }) => slot(world, "partial", "os_2", half)),
  left("a pending slot, whole", "slots", ({ world }) => slot(world, "pending", "os_2", imageOf("2", 0))),
  left("a pending slot with other bytes than it should have", "slots", ({ world }) =>
    slot(world, "pending", "os_2", half),
  ),
  left("a partial slot of another version", "slots", ({ world }) => slot(world, "partial", "os_0", half)),
  left("a slot of the version in place, without its entry", "slots", (sample) =>
    plantParts(sample.world, buildNamed(sample, "2")),
  ),
  left("an empty slot with old bytes", "slots", ({ world: { devices } }) => devices.plant(disk, 2, half)),
  listed("leftovers of systemd-sysupdate: an entry in place whose image never came", (seed) => ({
    sample: sampleOf(seed, "slots", ["1"], ["1", "2"]),
    before: [(sample): void => plantEntry(sample.world, buildNamed(sample, "2"), "os_2+3-0")],
    work: update,
    outcomes: two,
    always: ["1"],
    broken: ["2"],
  })),
  listed("leftovers of systemd-sysupdate: an entry whose slot vacuum has emptied", (seed) => ({
    sample: sampleOf(seed, "slots", ["1", "2"], ["1", "2", "3"]),
    before: [
      ({ world: { devices } }): void => {
        devices.beginTable(disk, [{ number: 1, label: "_empty" }]);
        devices.finishTable(disk);
      },
    ],
    work: update,
    outcomes: [{ next: "3", kept: ["2", "3"] }],
    always: ["2"],
    broken: ["1"],
  })),
];

// What kernel and initrd of the machine under test make of an entry that the loader hands them.
import type { BootOptions, Start } from "../boot/boot-once.ts";
import type { FoundEntry } from "../boot/esp-entries.ts";
import type { SimWorld } from "../machine.ts";
import { flawOf, type Truth } from "./truth.ts";

/** How this machine behaves when something is wrong with a version. */
export interface Habits {
  /** Versions that come up although a part of them is damaged: nobody has read that block yet. */
  readonly limping: ReadonlySet<string>;
  /** Versions that never come up, whole as they are: their kernel panics. */
  readonly rejected?: ReadonlySet<string>;
  /** What the initrd does when an image is missing; `reboot` when absent. */
  readonly imageMissing?: BootOptions["imageMissing"];
  /** Copies of the boot loader; not looked at when absent. */
  readonly copies?: BootOptions["copies"];
  /** Of systemd-boot; 257 when absent. */
  readonly loaderVersion?: number;
}

/** A missing part makes the initrd reboot or hang, a damaged one panics (panic=1). */
export function startOf(truth: Truth, found: FoundEntry, world: SimWorld, { limping, rejected }: Habits): Start {
  const version = truth.versionOf(found.entry.fileName) ?? "";
  if (rejected?.has(version) === true) return "panic";
  const { content } = found;
  const build = truth.builds.find(
    (item) => item.version === version && content !== undefined && item.entry?.equals(content) === true,
  );
  const otherwise: Start = limping.has(version) ? "up" : "panic";
  if (build === undefined) return otherwise;
  const flaws = build.parts.map((part) => flawOf(world, part));
  if (flaws.includes("missing")) return "image-missing";
  return flaws.includes("damaged") ? otherwise : "up";
}

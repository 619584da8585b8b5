// What boot loader and initrd do by themselves with a new version that does not start (P8): Holdfast is not asked.
import { parseVersion } from "../../base/ids.ts";
import { bootOnce, type Start } from "../boot/boot-once.ts";
import type { SimWorld } from "../machine.ts";
import type { Lab } from "./lab.ts";
import { bootVolume, pathOfPiece } from "./own-world.ts";
import type { FallbackLine } from "./report.ts";

export type Initrd = "reboot" | "hang";

/** None for a machine without boot entries. `initrds`: how the initrd may behave when an image is missing. */
export async function fallbacks(lab: Lab, initrds: readonly Initrd[]): Promise<readonly FallbackLine[]> {
  const [old, fresh] = lab.options.versions;
  const esp = bootVolume(lab.transfers, lab.options.shape);
  if (old === undefined || fresh === undefined || esp === undefined) return [];
  const panic = await tell(lab, old, fresh, esp, "panic", "reboot");
  const lines: FallbackLine[] = [
    { cause: "panic", initrd: undefined, what: `Version ${fresh} panics in its kernel`, ...panic },
  ];
  for (const initrd of initrds) {
    const how = initrd === "reboot" ? "reboots" : "waits, as a stock one of systemd does";
    const told = await tell(lab, old, fresh, esp, "image-missing", initrd);
    lines.push({
      cause: "image-missing",
      initrd,
      what: `Version ${fresh} lacks its image, and the initrd ${how}`,
      ...told,
    });
  }
  return lines;
}

async function tell(
  lab: Lab,
  old: string,
  fresh: string,
  esp: string,
  start: Start,
  imageMissing: Initrd,
): Promise<Pick<FallbackLine, "sentence" | "comesBack">> {
  const { world, truth } = lab.small([old], [old, fresh]);
  plantEntry(lab, world, fresh);
  const result = await bootOnce(world, {
    esp,
    imageMissing,
    start: ({ entry }) => (truth.versionOf(entry.fileName) === fresh ? start : "up"),
  });
  const tries = result.tried.filter((name) => truth.versionOf(name) === fresh).length;
  if (result.kind === "up") {
    const after = tries === 0 ? "at once" : `after ${tries} ${tries === 1 ? "try" : "tries"}`;
    return { comesBack: true, sentence: `the machine comes back with ${old} ${after}` };
  }
  const endless = tries > 20 ? `${fresh} is tried again and again, for ever` : result.why;
  return { comesBack: false, sentence: `the machine does not come back: ${endless}` };
}

/** The entry of a version as an update would name it, whatever became of its image. */
function plantEntry(lab: Lab, world: SimWorld, version: string): void {
  for (const piece of lab.release(parseVersion(version)).pieces)
    if (lab.isEntry(piece.transfer)) world.tree.plant(pathOfPiece(piece, lab.options.shape), piece.content);
}

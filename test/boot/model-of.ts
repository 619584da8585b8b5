// What the simulated machine does with the same ESP: the prediction that a real boot is held against (P5, P8).
import { type BootResult, bootOnce, type Start } from "../../src/sim/boot/boot-once.ts";
import { Content } from "../../src/sim/disk/content.ts";
import { SimWorld } from "../../src/sim/machine.ts";
import type { LoaderVariable } from "../../src/port/loader-variables.ts";
import { type BootCase, entryBytes, type Scene, startsMax } from "./boot-case.ts";

export interface Predicted {
  /** As in a BootCase. */
  readonly outcome: string;
  readonly after: readonly string[];
  readonly boots: number;
}

export async function predictCase(scene: Scene, boot: BootCase): Promise<Predicted> {
  const world = new SimWorld({
    seed: 1,
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 128e6 },
    ],
  });
  const starts = new Map<string, Start>();
  for (const [name, content] of Object.entries(boot.entries)) {
    world.tree.plant(`/efi/EFI/Linux/${name}`, await entryBytes(scene, content));
    if (typeof content !== "string" && content.starts !== undefined) starts.set(content.version, content.starts);
  }
  world.tree.plant("/efi/loader/loader.conf", boot.loaderConf ?? "timeout 0\n");
  for (const [path, text] of Object.entries(boot.files ?? {})) world.tree.plant(`/efi/${path}`, text);
  for (const [name, text] of Object.entries(boot.variables ?? {})) world.variables.set(name as LoaderVariable, text);
  const start = (version: string): Start => {
    const known = starts.get(version);
    if (known !== undefined) return known;
    const deed = boot.does?.[version] ?? "";
    const isInInitrd = deed === "hang" || deed === "panic";
    if (!isInInitrd && boot.images[version] !== "whole") return "image-missing";
    if (deed === "panic" || deed === "late-panic") return deed;
    if (deed.endsWith("hang")) return boot.watchdog === true ? "watchdog" : "hang";
    return "up";
  };
  const paths = ["/efi/EFI/systemd/systemd-bootx64.efi", "/efi/EFI/BOOT/BOOTX64.EFI"];
  const contents = [Content.text("the loader")];
  if (boot.twoLoaders === true) for (const path of paths) world.tree.plant(path, "the loader");
  const result = await bootOnce(world, {
    ...(boot.twoLoaders === true ? { copies: paths.map((path) => ({ path, contents })) } : {}),
    esp: "/efi",
    imageMissing: "give-up",
    attemptsMax: boot.most ?? startsMax,
    loaderVersion: boot.loader ?? 257,
    // Seen: 257.13 does not any more.
    idsWithCounter: false,
    start: ({ entry }) => start(entry.version ?? ""),
  });
  return { outcome: outcomeOf(result), after: world.tree.namesIn("/efi/EFI/Linux"), boots: result.tried.length };
}

function outcomeOf({ kind, entry, why }: BootResult): string {
  if (kind === "up") return `up ${entry?.version ?? ""}`;
  if (why.includes("page")) return "page";
  return why.includes("reboots for ever") ? "for ever" : "hangs";
}

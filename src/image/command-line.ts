// The kernel command line inside a UKI: how each layout finds its /usr, and that a boot that fails ends by itself (P8).
import type { InstallLayout } from "./install-release.ts";
import { installFileName } from "./install-release.ts";
import { systemLabel } from "./install-plan.ts";

export interface CommandLineRequest {
  readonly name: string;
  readonly version: string;
  readonly layout: InstallLayout;
  /** Of the verity tree, for layout `ab`. */
  readonly usrHash?: string;
  /** The profile's words. */
  readonly words: readonly string[];
}

/** A panic reboots after this many seconds; a device that does not come is given up; a hang ends by the watchdog. */
const alwaysReboots = ["panic=5", "systemd.default_device_timeout_sec=20", "systemd.watchdog_sec=60"];

export function commandLine({ name, version, layout, usrHash, words }: CommandLineRequest): string {
  const root = `root=PARTLABEL=${systemLabel}`;
  const usr =
    layout === "kde"
      ? [`holdfast.usr=/system/${installFileName(name, version, layout, "usr")}`]
      : [
          `usrhash=${usrHash ?? ""}`,
          // Updates label slots; their UUIDs, by which systemd would look for them, stay what they are.
          `systemd.verity_usr_data=PARTLABEL=${name}_${version}`,
          `systemd.verity_usr_hash=PARTLABEL=${name}_${version}_verity`,
          "systemd.verity_usr_options=panic-on-corruption",
          // For the same reason it would find nothing, and say that it failed; /etc/fstab names what is mounted.
          "systemd.gpt_auto=no",
        ];
  return [root, "rw", ...usr, ...alwaysReboots, ...words].join(" ");
}

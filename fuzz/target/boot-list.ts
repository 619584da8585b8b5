// Options of the firmware's boot list, and the mark by which a boot loader is told from another's.
import { deepEqual } from "node:assert/strict";
import { parseUuid } from "../../src/base/ids.ts";
import { formatLoadOption, parseLoadOption } from "../../src/format/efi-load-option.ts";
import { systemdBootVersion } from "../../src/format/loader-info.ts";
import type { Target } from "../target.ts";

export const target: Target = {
  name: "boot-list",
  covers: ["src/format/efi-load-option.ts", "src/format/loader-info.ts"],
  seeds: () => [
    formatLoadOption({
      description: "Linux",
      active: true,
      partition: { uuid: parseUuid("5".repeat(32)), number: 1, startSector: 2048, sizeSectors: 4096 },
      path: "\\EFI\\BOOT\\BOOTX64.EFI",
    }),
    "MZ #### LoaderInfo: systemd-boot 257.7-1 ####",
  ],
  run(bytes) {
    systemdBootVersion(bytes);
    const option = parseLoadOption(bytes);
    const fits =
      option !== undefined && Number.isSafeInteger(option.partition.startSector + option.partition.sizeSectors);
    if (fits) deepEqual(parseLoadOption(formatLoadOption(option)), option);
  },
};

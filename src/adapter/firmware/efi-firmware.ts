// The Firmware port over efivarfs: four bytes of attributes, then the value (kernel: filesystems/efivarfs.rst; P12).
import { readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { Firmware, FirmwareVariable } from "../../port/firmware.ts";
import { errnoOf, orFault } from "../disk/errno.ts";

const globalVariable = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const imageSecurityDatabase = "d719b2cb-3d3a-4596-a3bc-dad00e67656f";
const shimLock = "605dab50-e046-4300-abb6-3dd810dd8b23";

const vendors: Readonly<Record<FirmwareVariable, string>> = {
  SecureBoot: globalVariable,
  SetupMode: globalVariable,
  db: imageSecurityDatabase,
  dbx: imageSecurityDatabase,
  MokListRT: shimLock,
  MokListXRT: shimLock,
  MokSBStateRT: shimLock,
  SbatLevelRT: shimLock,
};

const attributeBytes = 4;
const variableBytesMax = 1 << 20;

export interface EfiFirmwareOptions {
  /** "/" when the machine is the one we run on; the firmware of another is out of reach. */
  readonly root: string;
  readonly folder?: string;
}

export function efiFirmware(options: EfiFirmwareOptions): Firmware {
  const folder = options.folder ?? "/sys/firmware/efi/efivars";
  const available = options.root === "/" && isFilled(folder);
  return {
    available,
    async read(name) {
      if (!available) return undefined;
      const doing = `read the EFI variable ${name}`;
      try {
        return firmwareValue(name, await readFile(`${folder}/${name}-${vendors[name]}`));
      } catch (error) {
        if (errnoOf(error) === "ENOENT") return undefined;
        return orFault(doing, Promise.reject(error));
      }
    },
  };
}

/** Where nothing is mounted the folder is empty: then nothing is known, and nothing is switched off either. */
function isFilled(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    return false;
  }
}

/** The value in a variable's file. Fault `io-error` for a length that none has. */
function firmwareValue(name: string, bytes: Uint8Array): Uint8Array {
  if (bytes.length < attributeBytes || bytes.length > variableBytesMax)
    throw new Fault("io-error", `Cannot read the EFI variable ${name}: it has ${bytes.length} bytes`);
  return bytes.subarray(attributeBytes);
}

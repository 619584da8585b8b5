// Firmware boot entries of a machine that is off: load options for programs on its ESP, in order (UEFI 3.1.3 and 10.3).
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { espOffset } from "./disk.ts";
import { guidBytes, ordinary, writeVariables } from "./variable-store.ts";

const globalVendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
const sectorBytes = 512;

export interface FirmwareEntry {
  readonly title: string;
  /** On the ESP, as in `\EFI\systemd\systemd-bootx64.efi`. */
  readonly path: string;
}

/** The firmware tries these first, in this order; what it finds by itself comes after them. */
export async function writeBootEntries(
  variables: string,
  disk: string,
  espBytes: number,
  entries: readonly FirmwareEntry[],
): Promise<void> {
  const { stdout } = await promisify(execFile)("sfdisk", ["--part-uuid", disk, "1"]);
  const options = entries.map(({ title, path }) => loadOption(title, stdout.trim().toLowerCase(), espBytes, path));
  const numbers = options.map((_, index) => 0x10 + index);
  const order = Buffer.concat(numbers.map((number) => Buffer.from([number, 0])));
  const variable = (name: string, data: Uint8Array): Parameters<typeof writeVariables>[1][number] => ({
    name,
    vendor: globalVendor,
    attributes: ordinary,
    data,
  });
  await writeVariables(variables, [
    ...options.map((option, index) => variable(`Boot00${(numbers[index] ?? 0).toString(16).toUpperCase()}`, option)),
    variable("BootOrder", order),
  ]);
}

/** Active; a partition by its UUID, a file on it, the end. */
function loadOption(title: string, partition: string, espBytes: number, path: string): Buffer {
  const drive = Buffer.alloc(42);
  drive.set([4, 1, drive.length, 0]);
  drive.writeUInt32LE(1, 4);
  drive.writeBigUInt64LE(BigInt(espOffset / sectorBytes), 8);
  drive.writeBigUInt64LE(BigInt(espBytes / sectorBytes), 16);
  guidBytes(partition).copy(drive, 24);
  drive.set([2, 2], 40);
  const name = Buffer.from(`${path}\0`, "utf16le");
  const file = Buffer.concat([Buffer.from([4, 4, 0, 0]), name]);
  file.writeUInt16LE(file.length, 2);
  const device = Buffer.concat([drive, file, Buffer.from([0x7f, 0xff, 4, 0])]);
  const head = Buffer.alloc(6);
  head.writeUInt32LE(1, 0);
  head.writeUInt16LE(device.length, 4);
  return Buffer.concat([head, Buffer.from(`${title}\0`, "utf16le"), device]);
}

// The Loader port over efivarfs (kernel: Documentation/filesystems/efivarfs.rst): four bytes of attributes, then
// UTF-16LE with a NUL. The kernel marks the variables immutable so that nobody removes one by accident.
import { constants, readdirSync } from "node:fs";
import { open, readFile, unlink } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { BootListVariable, LoaderVariable, LoaderVariables } from "../../port/loader-variables.ts";
import type { Process } from "../../port/process.ts";
import { errnoOf, orFault } from "../disk/errno.ts";

/** The vendor of the boot loader interface (https://systemd.io/BOOT_LOADER_INTERFACE). */
const vendor = "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f";
/** EFI_GLOBAL_VARIABLE (UEFI 3.3). */
const firmwareVendor = "8be4df61-93ca-11d2-aa0d-00e098032b8c";
/** EFI_VARIABLE_NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS (UEFI 8.2). */
const attributes = 7;
const attributeBytes = 4;
const variableBytesMax = 64 * 1024;

export interface EfiVariablesOptions {
  /** "/" when the machine is the one we run on; the variables of another are out of reach. */
  readonly root: string;
  readonly process: Process;
  readonly folder?: string;
}

export function efiVariables(options: EfiVariablesOptions): LoaderVariables {
  const folder = options.folder ?? "/sys/firmware/efi/efivars";
  return new EfiVariables(options.root === "/" && isFolder(folder), folder, options.process);
}

function isFolder(folder: string): boolean {
  try {
    readdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

class EfiVariables implements LoaderVariables {
  readonly available: boolean;
  readonly #folder: string;
  readonly #process: Process;

  constructor(available: boolean, folder: string, process: Process) {
    this.available = available;
    this.#folder = folder;
    this.#process = process;
  }

  #file(name: LoaderVariable): string {
    return `${this.#folder}/${name}-${vendor}`;
  }

  async read(name: LoaderVariable): Promise<string | undefined> {
    if (!this.available) return undefined;
    try {
      return variableText(name, await readFile(this.#file(name)));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      return orFault(`read the EFI variable ${name}`, Promise.reject(error));
    }
  }

  async write(name: LoaderVariable, value: string | undefined): Promise<void> {
    if (!this.available) {
      throw new Fault("io-error", `Cannot set the EFI variable ${name}: this machine has none here`, {
        hint: "The variables can only be set on the running machine, when it was booted through EFI.",
      });
    }
    const file = this.#file(name);
    const doing = `set the EFI variable ${name}`;
    // Fails where there is no such flag or no such file; if it mattered, what follows says so.
    await this.#process.run("chattr", ["-i", "--", file]);
    if (value === undefined) await orFault(doing, removeIfThere(file));
    else await orFault(doing, writeAtOnce(file, Buffer.from(`${value}\0`, "utf16le")));
    if (value !== undefined) await this.#process.run("chattr", ["+i", "--", file]);
    if ((await this.read(name)) !== value) throw notKept(doing);
  }

  async readBootList(name: BootListVariable): Promise<Uint8Array | undefined> {
    if (!this.available) return undefined;
    try {
      const bytes = await readFile(`${this.#folder}/${name}-${firmwareVendor}`);
      return bytes.length < attributeBytes
        ? undefined
        : new Uint8Array(bytes.subarray(attributeBytes, variableBytesMax));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return undefined;
      return orFault(`read the EFI variable ${name}`, Promise.reject(error));
    }
  }

  async writeBootList(name: BootListVariable, bytes: Uint8Array): Promise<void> {
    const doing = `set the EFI variable ${name}`;
    if (!this.available) throw new Fault("io-error", `Cannot ${doing}: this machine has none here`);
    const file = `${this.#folder}/${name}-${firmwareVendor}`;
    await this.#process.run("chattr", ["-i", "--", file]);
    await orFault(doing, writeAtOnce(file, Buffer.from(bytes)));
    await this.#process.run("chattr", ["+i", "--", file]);
    const now = await this.readBootList(name);
    if (now === undefined || !Buffer.from(now).equals(bytes)) throw notKept(doing);
  }
}

function notKept(doing: string): Fault {
  return new Fault("io-error", `Cannot ${doing}: the firmware took it and reads back something else`, {
    hint: "Its variable store may be full or write-protected.",
  });
}

/** The text of a variable's file, up to its NUL. Fault `io-error` for a length that none has. */
export function variableText(name: string, bytes: Buffer): string | undefined {
  // A file that a program made and never wrote to: the firmware has no such variable, and a reboot clears it away.
  if (bytes.length === 0) return undefined;
  if (bytes.length < attributeBytes || bytes.length > variableBytesMax)
    throw new Fault("io-error", `Cannot read the EFI variable ${name}: it has ${bytes.length} bytes`);
  const text = bytes.subarray(attributeBytes).toString("utf16le");
  const end = text.indexOf("\0");
  return end === -1 ? text : text.slice(0, end);
}

async function removeIfThere(file: string): Promise<void> {
  await unlink(file).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw error;
  });
}

/** One write is one SetVariable: a second would replace the first. */
async function writeAtOnce(file: string, value: Buffer): Promise<void> {
  const bytes = Buffer.alloc(attributeBytes + value.length);
  bytes.writeUInt32LE(attributes, 0);
  value.copy(bytes, attributeBytes);
  const handle = await open(file, constants.O_WRONLY | constants.O_CREAT, 0o644);
  try {
    const { bytesWritten } = await handle.write(bytes, 0, bytes.length, 0);
    if (bytesWritten !== bytes.length)
      throw new Fault("io-error", `Cannot write ${file}: the kernel took ${bytesWritten} of ${bytes.length} bytes`);
  } finally {
    await handle.close();
  }
}

// Small files read whole and written durably: new name, flush, rename, flush the folder (disk model in DESIGN).
import { Fault } from "../base/fault.ts";
import { folderOf, nameOf } from "../base/machine-path.ts";
import { fromUtf8, toBytes, toHex } from "../base/text.ts";
import type { Disk } from "./disk.ts";
import type { Entropy } from "./entropy.ts";

export type SmallFileFaultCode = "too-large" | "not-text";

/** The bytes of a file that must not be larger than `maxBytes`; `undefined` when it is absent. */
export async function readSmall(
  disk: Disk,
  path: string,
  maxBytes: number = 1024 * 1024,
): Promise<Uint8Array | undefined> {
  let file: Awaited<ReturnType<Disk["open"]>>;
  try {
    file = await disk.open(path, "read");
  } catch (error) {
    if (error instanceof Fault && (error.code === "not-found" || error.code === "not-a-folder")) return undefined;
    throw error;
  }
  await using open = file;
  const size = await open.size();
  if (size > maxBytes) {
    throw new Fault<SmallFileFaultCode>(
      "too-large",
      `Cannot read ${path}: it has ${size} bytes, more than the ${maxBytes} allowed`,
    );
  }
  const bytes = new Uint8Array(size);
  let filled = 0;
  // A read that brings less than there is must not pass for the end; files of /sys say more than they have.
  for (let read = -1; filled < size && read !== 0; filled += read)
    read = await open.read(filled, bytes.subarray(filled));
  return bytes.subarray(0, filled);
}

/**
 * The text at the beginning of a file, at most `maxBytes` of it; empty when it is absent or out of reach. For files of the
 * kernel, which say that they have no byte, and facts that something can do without.
 */
export async function readStart(disk: Disk, path: string, maxBytes: number = 4096): Promise<string> {
  try {
    await using file = await disk.open(path, "read");
    const start = new Uint8Array(maxBytes);
    return fromUtf8(start.subarray(0, await file.read(0, start))) ?? "";
  } catch (error) {
    if (error instanceof Fault) return "";
    throw error;
  }
}

export async function readText(disk: Disk, path: string, maxBytes?: number): Promise<string | undefined> {
  const bytes = await readSmall(disk, path, maxBytes);
  if (bytes === undefined) return undefined;
  const text = fromUtf8(bytes);
  if (text === undefined) throw new Fault<SmallFileFaultCode>("not-text", `Cannot read ${path}: it is not UTF-8 text`);
  return text;
}

/** Makes a folder and its parents, each name durable before the next is made. */
export async function makeFolders(disk: Disk, folder: string): Promise<void> {
  if ((await disk.resolve(folder)) !== undefined) return;
  await makeFolders(disk, folderOf(folder));
  try {
    await disk.makeFolder(folder);
  } catch (error) {
    if (!(error instanceof Fault && error.code === "exists")) throw error;
  }
  await disk.syncFolder(folderOf(folder));
}

/**
 * After a crash the file is the old one or the new one, whole. `mode`: who may read it, whatever the umask. For file
 * systems whose rename is atomic only.
 */
export async function writeDurably(
  disk: Disk,
  entropy: Entropy,
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> {
  const folder = folderOf(path);
  await makeFolders(disk, folder);
  const temporary = `${folder}/.${nameOf(path)}.${toHex(entropy.bytes(6))}`;
  try {
    await using file = await disk.open(temporary, "create");
    await file.write(0, typeof content === "string" ? toBytes(content) : content);
    if (mode !== undefined) await file.setMode(mode);
    await file.sync();
    await disk.replace(temporary, path);
  } catch (error) {
    await removeIfThere(disk, temporary);
    throw error;
  }
  await disk.syncFolder(folder);
}

export async function removeIfThere(disk: Disk, path: string): Promise<void> {
  try {
    await disk.remove(path);
  } catch (error) {
    if (!(error instanceof Fault && error.code === "not-found")) throw error;
  }
}

/** Items of a folder; none when it is absent. */
export async function listIfThere(disk: Disk, folder: string): ReturnType<Disk["list"]> {
  try {
    return await disk.list(folder);
  } catch (error) {
    if (error instanceof Fault && (error.code === "not-found" || error.code === "not-a-folder")) return [];
    throw error;
  }
}

// What a file can become when a medium, an editor or an interrupted copy is at it.
import { chmod, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

export interface Ruin {
  readonly name: string;
  /** What becomes of the bytes; `undefined`: the file is gone. */
  readonly change: (old: Buffer) => Buffer | undefined;
}

export const flipped: Ruin = {
  name: "a flipped byte",
  change: (old) => Buffer.from(old.map((byte, at) => (at === old.length >> 1 ? byte ^ 0xff : byte))),
};

export const ruins: readonly Ruin[] = [
  flipped,
  { name: "cut in the middle", change: (old) => old.subarray(0, old.length >> 1) },
  { name: "emptied", change: () => Buffer.alloc(0) },
  { name: "something appended", change: (old) => Buffer.concat([old, Buffer.alloc(5000, 0x61)]) },
  { name: "gone", change: () => undefined },
];

export async function ruinFile(path: string, { change }: Ruin): Promise<void> {
  const changed = change(await readFile(path));
  if (changed === undefined) return rm(path);
  await chmod(path, 0o644);
  await writeFile(path, changed);
}

/** Names that version 3 will want. */
export const junkNames: readonly string[] = [
  "system/os_3.erofs",
  "system/os_3.caibx",
  "efi/EFI/Linux/os_3.efi",
  "efi/EFI/Linux/os_3+3-0.efi",
];

export async function putJunk(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, "this was never published\n");
}

// One byte of a file turned into another, as a medium does it.
import { open } from "node:fs/promises";

export async function flipAt(path: string, position: number): Promise<void> {
  await using file = await open(path, "r+");
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, position);
  byte.writeUInt8(byte.readUInt8(0) ^ 0xff);
  await file.write(byte, 0, 1, position);
}

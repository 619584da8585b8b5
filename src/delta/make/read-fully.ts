// Whole ranges of a file that lies here.
import { Fault } from "../../base/fault.ts";
import type { LocalBytes } from "../reader.ts";

/** Throws a Fault (`delta-file-changed`) when the file ends before. */
export async function readRange(file: LocalBytes, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = await file.read(offset + at, bytes.subarray(at));
    if (count === 0) throw new Fault("delta-file-changed", "Cannot make a delta: a file became shorter meanwhile");
    at += count;
  }
  return bytes;
}

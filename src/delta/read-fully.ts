// Whole ranges of a file that lies here, whatever a single read brings.
import { Fault } from "../base/fault.ts";
import type { LocalBytes } from "./reader.ts";

/** Fills `into` from `offset`, or throws a Fault (`file-shortened`). */
export async function readFully(source: Pick<LocalBytes, "read">, offset: number, into: Uint8Array): Promise<void> {
  for (let done = 0; done < into.length; ) {
    const count = await source.read(offset + done, into.subarray(done));
    if (count === 0) throw shortened(offset + done);
    done += count;
  }
}

/** Throws a Fault (`file-shortened`) when the file ends before. */
export async function readRange(source: LocalBytes, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  await readFully(source, offset, bytes);
  return bytes;
}

/** A file that has only so many bytes, and had more. */
export function shortened(bytes: number): Fault {
  return new Fault("file-shortened", `Cannot read the file: it ends after ${bytes} bytes now`, {
    hint: "Somebody else writes to it; try again when that is done.",
  });
}

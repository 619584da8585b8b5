// Whole ranges of a file that lies here.
import { Fault } from "../../base/fault.ts";
import type { LocalBytes } from "../reader.ts";

/** Many pieces are small, and a read costs more than its bytes. */
const batchBytes = 2 << 20;

/** Throws a Fault (`delta-file-changed`) when the file ends before. */
export async function readRange(file: LocalBytes, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const count = await file.read(offset + at, bytes.subarray(at));
    if (count === 0) throw changed();
    at += count;
  }
  return bytes;
}

/** The bytes of ranges that lie one behind the other; they stay as they are only until the next is asked for. */
export async function* readInOrder(
  file: LocalBytes,
  ranges: readonly { readonly offset: number; readonly length: number }[],
): AsyncGenerator<Uint8Array> {
  const kept = new Uint8Array(batchBytes);
  let start = 0;
  let end = 0;
  for (const { offset, length } of ranges) {
    if (length > batchBytes) {
      yield await readRange(file, offset, length);
      continue;
    }
    if (offset < start || offset + length > end) {
      start = offset;
      end = start;
      for (let count = -1; count !== 0 && end - start < batchBytes; end += count)
        count = await file.read(end, kept.subarray(end - start));
      if (offset + length > end) throw changed();
    }
    yield kept.subarray(offset - start, offset - start + length);
  }
}

function changed(): Fault {
  return new Fault("delta-file-changed", "Cannot make a delta: a file became shorter meanwhile");
}

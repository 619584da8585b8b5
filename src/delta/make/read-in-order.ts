// Ranges of a file that lie one behind the other, read many at a time.
import type { LocalBytes } from "../reader.ts";
import { readRange, shortened } from "../read-fully.ts";

/** Many pieces are small, and a read costs more than its bytes. */
const batchBytes = 2 << 20;

/** Each stays as it is only until the next is asked for. Throws a Fault (`file-shortened`) when the file ends before. */
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
      if (offset + length > end) throw shortened(end);
    }
    yield kept.subarray(offset - start, offset - start + length);
  }
}

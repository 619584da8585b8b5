// A folder of an erofs image: in every block first the entries, sorted, then their names.
import { notUnderstood } from "./not-understood.ts";

export interface DirectoryEntry {
  readonly name: string;
  readonly node: number;
}

const entryBytes = 12;
/** Names need not be UTF-8; what matters is that equal names stay equal. */
const decoder: TextDecoder = new TextDecoder("latin1");

/** Without `.` and `..`. `bytes` is one block, or the shorter last one. Throws a Fault (`erofs-not-understood`). */
export function* parseDirectoryBlock(bytes: Uint8Array): Generator<DirectoryEntry> {
  if (bytes.length < entryBytes) throw notUnderstood("a folder has a block without entries");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const count = Math.floor(view.getUint16(8, true) / entryBytes);
  if (count === 0 || count * entryBytes > bytes.length) throw notUnderstood("a folder has a damaged block");
  for (let index = 0; index < count; index += 1) {
    const at = index * entryBytes;
    const from = view.getUint16(at + 8, true);
    const to = index + 1 < count ? view.getUint16(at + entryBytes + 8, true) : bytes.length;
    if (from < count * entryBytes || to > bytes.length || from >= to)
      throw notUnderstood("a folder has a damaged name");
    const padded = bytes.subarray(from, to);
    const end = padded.indexOf(0);
    const name = decoder.decode(end < 0 ? padded : padded.subarray(0, end));
    if (name === "." || name === "..") continue;
    if (name === "" || name.includes("/")) throw notUnderstood("a folder has a damaged name");
    const node = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
    if (!Number.isSafeInteger(node)) throw notUnderstood("a folder names an inode outside of it");
    yield { name, node };
  }
}

// Reads the record of a disk's writes that QEMU's blklogwrites keeps, in the format of Linux's dm-log-writes
// (the kernel's Documentation/admin-guide/device-mapper/log-writes.rst; drivers/md/dm-log-writes.c).
import { type FileHandle, open } from "node:fs/promises";

export interface LoggedWrite {
  readonly kind: "write" | "discard" | "flush" | "mark";
  /** On the disk. */
  readonly offset: number;
  readonly bytes: number;
  /** Where its bytes are in the log; those of a discard are nowhere. */
  readonly dataOffset: number;
  /** Everything before it is on the medium for sure before it is answered. */
  readonly flushes: boolean;
  /** It is on the medium itself when it is answered. */
  readonly forced: boolean;
}

/** "jsfwshr", from the lowest byte. */
const magic = 0x6a736677736872n;
const flag = { flush: 1, forced: 2, discard: 4, mark: 8 } as const;
const entriesMax = 4_000_000;

/** All of a log's entries. Throws when it is none, ends too early, or writes beyond `diskBytes`. */
export async function readWriteLog(path: string, diskBytes: number): Promise<readonly LoggedWrite[]> {
  await using file = await open(path);
  const logBytes = (await file.stat()).size;
  const head = await take(file, 0, 28);
  const wrong = (state: string): Error => new Error(`Cannot read the write log ${path}: ${state}`);
  if (head.length < 28 || head.readBigUInt64LE(0) !== magic) throw wrong("it does not begin as one");
  if (head.readBigUInt64LE(8) !== 1n) throw wrong(`its version is ${head.readBigUInt64LE(8)}`);
  const count = Number(head.readBigUInt64LE(16));
  const sector = head.readUInt32LE(24);
  if (count > entriesMax) throw wrong(`it has ${count} entries`);
  if (sector !== 512 && sector !== 4096) throw wrong(`its sectors have ${sector} bytes`);
  const entries: LoggedWrite[] = [];
  let position = sector;
  for (let index = 0; index < count; index++) {
    const raw = await take(file, position, 32);
    if (raw.length < 32) throw wrong(`entry ${index} is cut`);
    const entry = decode(raw, sector, position + sector);
    const inLog = entry.kind === "discard" || entry.kind === "flush" ? 0 : entry.bytes;
    if (entry.kind !== "mark" && entry.offset + entry.bytes > diskBytes) throw wrong(`entry ${index} is off the disk`);
    position += sector + Math.ceil(inLog / sector) * sector;
    if (position > logBytes) throw wrong(`the data of entry ${index} is cut`);
    entries.push(entry);
  }
  return entries;
}

function decode(raw: Buffer, sector: number, dataOffset: number): LoggedWrite {
  const flags = Number(raw.readBigUInt64LE(16) & 0xffn);
  const sectors = Number(raw.readBigUInt64LE(8));
  const isMark = (flags & flag.mark) !== 0;
  const kind = isMark ? "mark" : (flags & flag.discard) !== 0 ? "discard" : sectors === 0 ? "flush" : "write";
  return {
    kind,
    offset: isMark ? 0 : Number(raw.readBigUInt64LE(0)) * sector,
    bytes: isMark ? Number(raw.readBigUInt64LE(24)) : sectors * sector,
    dataOffset,
    flushes: (flags & flag.flush) !== 0,
    forced: (flags & flag.forced) !== 0,
  };
}

async function take(file: FileHandle, position: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, position);
  return buffer.subarray(0, bytesRead);
}

// Unpacks a tar archive in the confined child: one message an item, then its content as data, then an end.
// Paths are judged by the parent, which does not believe this process.
import { extract, type Header } from "tar-stream";
import { Fault } from "../../base/fault.ts";
import type { WorkerMain, WorkerPort } from "../confined/worker.ts";
import { expandSparse, sparseOf } from "./sparse.ts";

/** A header as it really comes: kinds that the library does not know are null. */
type EntryHeader = Omit<Header, "pax" | "type"> & {
  readonly type: Header["type"] | null;
  readonly pax?: Readonly<Record<string, string>> | null;
};

const pieceBytes = 512 * 1024;
/** Kinds of items that no system folder needs from an archive. */
const refused: Readonly<Record<string, string>> = {
  "character-device": "a device",
  "block-device": "a device",
  fifo: "a named pipe",
};

export const main: WorkerMain = async (port) => {
  const archive = extract();
  const feeding = feed(port, archive);
  try {
    for await (const entry of archive) {
      const header = entry.header as EntryHeader;
      await port.say(describe(header));
      if (header.type === "file" || header.type === "contiguous-file") {
        const map = sparseOf(header);
        for await (const chunk of map === undefined ? entry : expandSparse(map, entry))
          await sayData(port, chunk as Uint8Array);
        await port.end();
      } else {
        entry.resume();
      }
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault(
      "damaged-archive",
      `Cannot unpack the archive: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  await feeding;
  await port.say({ type: "done" });
};

async function sayData(port: WorkerPort, chunk: Uint8Array): Promise<void> {
  for (let offset = 0; offset < chunk.length; offset += pieceBytes)
    await port.data(chunk.subarray(offset, offset + pieceBytes));
}

async function feed(port: WorkerPort, archive: ReturnType<typeof extract>): Promise<void> {
  for (;;) {
    const frame = await port.next();
    if (archive.destroyed) return;
    if (frame.kind !== "data") break;
    if (!archive.write(frame.bytes)) {
      await new Promise<void>((resolve) => {
        archive.once("drain", resolve);
        archive.once("close", resolve);
      });
    }
  }
  archive.end(undefined);
}

function describe(header: EntryHeader): Record<string, unknown> {
  const { type, mode, uid, gid, linkname } = header;
  const sparse = sparseOf(header);
  const path = sparse?.path ?? header.name;
  const what = type === null ? "an item of a kind it does not know" : refused[type];
  if (what !== undefined) {
    throw new Fault("damaged-archive", `Cannot unpack ${JSON.stringify(path.slice(0, 200))}: it is ${what}`, {
      hint: "Make the archive with `tar --format=posix`, of files, folders and links only.",
    });
  }
  // The library waits for ever for the content of an item whose size it could not read.
  if (!Number.isSafeInteger(header.size))
    throw new Fault("damaged-archive", "Cannot unpack the archive: an item has no size that can be read");
  return {
    type: type === "contiguous-file" ? "file" : type,
    path,
    mode: mode & 0o7777,
    uid: numberOf(header.pax?.["uid"]) ?? uid,
    gid: numberOf(header.pax?.["gid"]) ?? gid,
    mtimeUs: mtimeOf(header),
    sizeBytes: sparse?.sizeBytes ?? header.size,
    target: linkname ?? "",
  };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** Microseconds as decimal text; pax has them as seconds with a fraction of any length. */
function mtimeOf(header: EntryHeader): string {
  const [, sign = "", seconds = "", fraction = ""] =
    /^(-?)(\d{1,12})(?:\.(\d*))?$/.exec(header.pax?.["mtime"] ?? "") ?? [];
  if (seconds !== "") return String(BigInt(`${sign}${seconds}${fraction.padEnd(6, "0").slice(0, 6)}`));
  const milliseconds = header.mtime?.getTime() ?? 0;
  return Number.isFinite(milliseconds) ? String(BigInt(Math.trunc(milliseconds)) * 1000n) : "0";
}

// Bytes onto the disk: partition by partition, flushed, read back from the medium and compared; the table last of all.
import { Fault } from "../../base/fault.ts";
import { type InstallPart, type InstallPlan, installScript, MiB } from "../../image/install-plan.ts";
import type { DiskFile } from "../../port/disk.ts";
import { flush } from "../acquire/flush.ts";
import type { Session } from "../session.ts";
import { runTool } from "./tool.ts";

const pieceBytes = MiB;

/** What goes into a partition. */
export interface PartSource {
  readonly part: InstallPart;
  /** The file with its bytes; `undefined`: only its beginning is made zero, so that nothing old is found there. */
  readonly path: string | undefined;
}

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

const zeros = new Uint8Array(pieceBytes);

async function* piecesOf(session: Session, { part, path }: PartSource): AsyncIterable<Piece> {
  if (path === undefined) {
    yield { offset: part.offsetBytes, bytes: zeros };
    return;
  }
  await using file = await session.machine.disk.open(path, "read");
  const size = await file.size();
  const buffer = new Uint8Array(pieceBytes);
  for (let at = 0; at < size; ) {
    session.signal.throwIfAborted();
    const length = await file.read(at, buffer.subarray(0, Math.min(pieceBytes, size - at)));
    if (length === 0) throw new Fault("io-error", `Cannot read ${path}: it ends after ${at} of ${size} bytes`);
    yield { offset: part.offsetBytes + at, bytes: buffer.subarray(0, length) };
    at += length;
  }
}

function areSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

async function bytesOf(session: Session, sources: readonly PartSource[]): Promise<number> {
  let sum = 0;
  for (const { path } of sources)
    sum += path === undefined ? pieceBytes : ((await session.machine.disk.stat(path))?.sizeBytes ?? 0);
  return sum;
}

async function forEach(
  session: Session,
  sources: readonly PartSource[],
  work: (piece: Piece) => Promise<void>,
): Promise<void> {
  const total = await bytesOf(session, sources);
  let done = 0;
  for (const source of sources) {
    for await (const piece of piecesOf(session, source)) {
      await work(piece);
      done += piece.bytes.length;
      session.machine.progress.report({ kind: "bytes", done, total });
    }
  }
}

/** Writes everything and flushes it. On a disk that is zero, zeros are not written: an image file keeps its holes. */
export async function writeParts(
  session: Session,
  disk: string,
  sources: readonly PartSource[],
  isZeroed: boolean,
): Promise<void> {
  await using target = await session.machine.disk.open(disk, "modify");
  await forEach(session, sources, async ({ offset, bytes }) => {
    if (!isZeroed || !areSame(bytes, zeros.subarray(0, bytes.length))) await target.write(offset, bytes);
  });
  await flush(target);
}

/** Reads what was written back, past the cache where the file system allows it. Fault `io-error` where a byte differs. */
export async function readPartsBack(
  session: Session,
  disk: string,
  sources: readonly PartSource[],
  isZeroed: boolean,
): Promise<void> {
  await using medium = await session.machine.disk.open(disk, "medium");
  const buffer = new Uint8Array(pieceBytes);
  await forEach(session, sources, async ({ offset, bytes }) => {
    if (isZeroed && areSame(bytes, zeros.subarray(0, bytes.length))) return;
    const length = await medium.read(offset, buffer.subarray(0, bytes.length));
    if (!areSame(bytes, buffer.subarray(0, length)))
      throw new Fault(
        "io-error",
        `Cannot trust ${disk}: it reads back otherwise than it was written, near byte ${offset}`,
        {
          hint: "The medium is failing, or something else writes to it. It has no partition table, so nothing starts from it.",
        },
      );
  });
}

/** The one write that makes a system of it; read back and compared with the plan. */
export async function writeTable(session: Session, disk: string, plan: InstallPlan): Promise<void> {
  const quiet = ["--quiet", "--wipe=never", "--wipe-partitions=never", "--lock=yes"];
  await runTool(session, "sfdisk", [...quiet, "--", disk], {
    stdin: installScript(plan),
    doing: `write the partition table of ${disk}`,
  });
  await flushDisk(session, disk);
  const { partitions, sectorSizeBytes } = await session.machine.volumes.readTable(disk);
  for (const part of plan.parts) {
    const found = partitions.find(({ number }) => number === part.number);
    const fits =
      found !== undefined &&
      found.startSector * sectorSizeBytes === part.offsetBytes &&
      found.sizeSectors * sectorSizeBytes === part.sizeBytes &&
      found.type === part.type &&
      found.label === part.label &&
      (part.uuid === undefined || found.uuid === part.uuid);
    if (!fits || partitions.length !== plan.parts.length)
      throw new Fault(
        "io-error",
        `Cannot trust the partition table of ${disk}: partition ${part.number} reads back otherwise`,
        {
          hint: "The medium is failing, or something else changed the table.",
        },
      );
  }
}

async function flushDisk(session: Session, disk: string): Promise<void> {
  const file: DiskFile = await session.machine.disk.open(disk, "modify");
  await using open = file;
  await flush(open);
}

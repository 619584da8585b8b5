// Files of a repository: brought in with their digest, flushed and read back from the medium; listed, moved, removed.
import { Fault } from "../base/fault.ts";
import type { Sha256 } from "../base/ids.ts";
import { folderOf } from "../base/machine-path.ts";
import { toBytes } from "../base/text.ts";
import type { Digest } from "../port/digest.ts";
import type { Disk, DiskFile } from "../port/disk.ts";
import { listIfThere, makeFolders, removeIfThere } from "../port/small-file.ts";
import type { Publisher } from "./publisher.ts";

export type FileFaultCode = "read-back-differs" | "source-changed";

export interface FileDigest {
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

const pieceBytes = 1 << 20;
/** Web servers read what the publisher writes. */
const publicMode = 0o644;
const depthMax = 8;

/** The bytes of an open file from `offset` to its end. */
export async function* bytesOf(file: Pick<DiskFile, "read" | "size">, offset = 0): AsyncGenerator<Uint8Array> {
  const size = await file.size();
  for (let at = offset; at < size; ) {
    const piece = new Uint8Array(Math.min(pieceBytes, size - at));
    const read = await file.read(at, piece);
    if (read === 0) return;
    yield piece.subarray(0, read);
    at += read;
  }
}

export async function digestOf(
  digest: Digest,
  bytes: AsyncIterable<Uint8Array>,
  onPiece: (length: number) => void = () => {},
): Promise<FileDigest> {
  const hasher = digest.sha256();
  let sizeBytes = 0;
  for await (const piece of bytes) {
    hasher.update(piece);
    sizeBytes += piece.length;
    onPiece(piece.length);
  }
  return { sizeBytes, sha256: hasher.finish() };
}

/** Of a file as the medium has it. `undefined`: there is no such file. */
export async function digestOnMedium(
  { machine: { disk, digest } }: Publisher,
  path: string,
  onPiece?: (length: number) => void,
): Promise<FileDigest | undefined> {
  let open: DiskFile;
  try {
    open = await disk.open(path, "medium");
  } catch (error) {
    if (error instanceof Fault && (error.code === "not-found" || error.code === "not-a-folder")) return undefined;
    throw error;
  }
  await using file = open;
  return await digestOf(digest, bytesOf(file), onPiece);
}

/** Writes a new file and answers its digest; flushed, and the same when read back. What was there before goes. */
export async function writeNew(
  publisher: Publisher,
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onPiece: (length: number) => void = () => {},
): Promise<FileDigest> {
  const { disk, digest } = publisher.machine;
  await makeFolders(disk, folderOf(path));
  await removeIfThere(disk, path);
  const hasher = digest.sha256();
  let sizeBytes = 0;
  {
    await using file = await disk.open(path, "create");
    await file.setMode(publicMode);
    for await (const piece of bytes) {
      publisher.signal.throwIfAborted();
      hasher.update(piece);
      await file.write(sizeBytes, piece);
      sizeBytes += piece.length;
      onPiece(piece.length);
    }
    await file.sync();
  }
  const written: FileDigest = { sizeBytes, sha256: hasher.finish() };
  await demandOnMedium(publisher, path, written);
  return written;
}

/** Fault `read-back-differs` where the medium has other bytes; one wrong reading is read again. */
export async function demandOnMedium(publisher: Publisher, path: string, expected: FileDigest): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    const found = await digestOnMedium(publisher, path);
    if (found?.sha256 === expected.sha256 && found.sizeBytes === expected.sizeBytes) return;
  }
  throw new Fault<FileFaultCode>(
    "read-back-differs",
    `Cannot publish ${path}: the medium has other bytes than it should`,
    {
      hint: "The disk may be failing. Nothing that clients read was changed; add the release again, best on another disk.",
    },
  );
}

/** Copies a file of the host. Fault `source-changed` where somebody wrote to it meanwhile. */
export async function bringFile(
  publisher: Publisher,
  source: string,
  path: string,
  onPiece: (length: number) => void,
): Promise<FileDigest> {
  const { disk } = publisher.machine;
  const before = await stampOf(disk, source);
  await using file = await disk.open(source, "read");
  const brought = await writeNew(publisher, path, bytesOf(file), onPiece);
  // One byte that is read wrong here would be published, signed, and proven on every machine.
  const again = await digestOnMedium(publisher, source);
  if (again?.sha256 !== brought.sha256 || (await stampOf(disk, source)) !== before)
    throw new Fault<FileFaultCode>("source-changed", `Cannot add ${source}: it reads differently twice`, {
      hint: "Wait until whatever writes it is done, and add it again; if nothing does, its disk or memory is failing.",
      retriable: true,
    });
  return brought;
}

async function stampOf(disk: Disk, path: string): Promise<string | undefined> {
  const real = await disk.resolve(path);
  return real === undefined ? undefined : (await disk.stat(real))?.stamp;
}

/** A small file of the publisher's own, old or new and whole after any crash, and read back. */
export async function writeOwn(publisher: Publisher, path: string, text: string): Promise<void> {
  const { disk } = publisher.machine;
  await writeNew(publisher, `${path}.new`, [toBytes(text)]);
  await disk.replace(`${path}.new`, path);
  await disk.syncFolder(folderOf(path));
}

/** Paths of the files below a folder, relative to it, in order of their names; none where it is absent. */
export async function filesBelow(disk: Disk, folder: string, depth = 0): Promise<readonly string[]> {
  const found: string[] = [];
  for (const { name, kind } of await listIfThere(disk, folder)) {
    if (kind !== "folder") found.push(name);
    else if (depth < depthMax)
      for (const path of await filesBelow(disk, `${folder}/${name}`, depth + 1)) found.push(`${name}/${path}`);
  }
  return found;
}

/** A folder with all that is in it; what is not there is fine. */
export async function removeTree(disk: Disk, folder: string): Promise<void> {
  for (const { name, kind } of await listIfThere(disk, folder)) {
    if (kind === "folder") await removeTree(disk, `${folder}/${name}`);
    else await removeIfThere(disk, `${folder}/${name}`);
  }
  try {
    await disk.removeFolder(folder);
  } catch (error) {
    if (!(error instanceof Fault && error.code === "not-found")) throw error;
  }
}

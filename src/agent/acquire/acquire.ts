// Acquire: brings one resource in under a staging name and proves it; nothing the loader or the system reads changes.
import { Fault } from "../../base/fault.ts";
import type { Sha256 } from "../../base/ids.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import { contentStagingName } from "../../domain/destination.ts";
import type { Destination } from "../../domain/plan.ts";
import type { Compression, ContentDigest, Offer } from "../../domain/resource.ts";
import type { TargetPlace } from "../../domain/situation.ts";
import type { Transfer } from "../../format/definitions.ts";
import { stagingName } from "../../format/leftover-name.ts";
import type { DiskFile } from "../../port/disk.ts";
import { digestFile } from "./digest-file.ts";
import { type Downloaded, downloadResource } from "./download-resource.ts";
import { flush } from "./flush.ts";
import type { Session } from "../session.ts";
import { forgetPartial, readPartial, savePartial } from "./partial.ts";
import { PieceWriter } from "./piece-writer.ts";
import { publishedWrong, withProvenFile } from "./proven-file.ts";
import { piecesOf } from "./stream-file.ts";
import { makeFolders, removeIfThere } from "../state/small-file.ts";
import { markSlot } from "../install/slot.ts";
import { copyTree, removeTree, unpackTree } from "./tree.ts";
import type { Way } from "./ways/way.ts";

export type AcquireFaultCode = "no-digest" | "wrong-size";

/** A resource that is here, proven, flushed, and not yet visible. */
export interface Acquired {
  readonly content: ContentDigest;
  /** Where it lies; for partitions the slot. */
  readonly stagingPath: string;
  readonly transferredBytes: number;
}

export interface AcquireRequest {
  readonly transfer: Transfer;
  readonly offer: Offer;
  readonly destination: Destination;
  readonly target: TargetPlace;
  /** How its bytes may come, asked when some are missing: with how many are here. The whole file where it says nothing. */
  readonly ways?: (keptBytes: number) => Promise<readonly Way[] | undefined>;
}

const magics: readonly (readonly [readonly number[], Compression])[] = [
  [[0x1f, 0x8b], "gz"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
  [[0x28, 0xb5, 0x2f, 0xfd], "zst"],
  [[0x42, 0x5a, 0x68], "bz2"],
];

/**
 * What the first bytes say, as systemd goes by them; a file shorter than a magic is not compressed. They are read once
 * more where they say nothing: taken for an image, what is compressed would be installed as it is.
 */
async function compressionOf(file: DiskFile): Promise<Compression | undefined> {
  return (await magicOf(file)) ?? magicOf(file);
}

async function magicOf(file: DiskFile): Promise<Compression | undefined> {
  const start = new Uint8Array(6);
  const length = await file.read(0, start);
  return magics.find(([magic]) => magic.length <= length && magic.every((byte, index) => start[index] === byte))?.[1];
}

function demandDigest(offer: Offer): Sha256 {
  if (offer.sha256 !== undefined) return offer.sha256;
  throw new Fault<AcquireFaultCode>("no-digest", `Cannot acquire ${offer.name}: nothing says what its bytes are to be`);
}

function reportBytes(session: Session, total: number | undefined): (done: number) => void {
  return (done) => session.machine.progress.report({ kind: "bytes", done, total });
}

/**
 * Bytes that a crash may have left as zeros are not worth hashing: what is kept ends at the last block that holds
 * anything. Real zeros that are dropped with them are downloaded again.
 */
async function usefulBytes(file: DiskFile, sizeBytes: number): Promise<number> {
  const block = new Uint8Array(64 * 1024);
  let end = sizeBytes;
  while (end > 0) {
    const start = Math.max(0, end - block.length);
    const length = await file.read(start, block.subarray(0, end - start));
    const last = block.subarray(0, length).findLastIndex((byte) => byte !== 0);
    if (last >= 0) return start + last + 1;
    end = start;
  }
  return 0;
}

/** An earlier run may have brought all of it: then no server is asked. */
async function wholeAlready(session: Session, offer: Offer, file: DiskFile): Promise<Downloaded | undefined> {
  const sizeBytes = await file.size();
  if (sizeBytes === 0 || (offer.sizeBytes ?? sizeBytes) !== sizeBytes) return undefined;
  const sha256 = await digestFile(session, file, sizeBytes);
  return sha256 === offer.sha256 ? { sizeBytes, sha256, transferredBytes: 0 } : undefined;
}

async function askedWays(ask: AcquireRequest["ways"], keptBytes: number): Promise<{ readonly ways?: readonly Way[] }> {
  const ways = await ask?.(keptBytes);
  return ways === undefined ? {} : { ways };
}

/** Downloads to a staging file, continuing what is there. */
async function downloadToFile(
  session: Session,
  { offer, ways }: Pick<AcquireRequest, "offer" | "ways">,
  path: string,
): Promise<Downloaded> {
  const { disk } = session.machine;
  await makeFolders(disk, folderOf(path));
  const there = (await disk.stat(path)) !== undefined;
  let downloaded: Downloaded;
  try {
    await using file = await disk.open(path, there ? "modify" : "create");
    if (!there) await disk.syncFolder(folderOf(path));
    const whole = there ? await wholeAlready(session, offer, file) : undefined;
    if (whole !== undefined) return whole;
    const kept = there ? await usefulBytes(file, await file.size()) : 0;
    const resumeBytes = offer.sizeBytes === undefined ? kept : Math.min(kept, offer.sizeBytes);
    if (offer.sizeBytes !== undefined) await disk.reserve(path, offer.sizeBytes);
    downloaded = await downloadResource(session, {
      offer,
      file,
      resumeBytes,
      ...(await askedWays(ways, resumeBytes)),
      onBytes: reportBytes(session, offer.sizeBytes),
      onFlushed: async () => {},
    });
    if ((await file.size()) !== downloaded.sizeBytes) {
      await file.truncate(downloaded.sizeBytes);
      await flush(file);
    }
  } catch (error) {
    // What filled the disk and never said how long it is may be endless: kept, it would be in the way of the next run.
    const useless = [
      "digest-mismatch",
      "wrong-length",
      "flush-failed",
      ...(offer.sizeBytes === undefined ? ["no-space"] : []),
    ];
    if (error instanceof Fault && useless.includes(error.code)) await removeIfThere(disk, path);
    throw error;
  }
  return downloaded;
}

async function downloadToSlot(session: Session, request: AcquireRequest): Promise<Acquired> {
  const { offer, destination, transfer, ways } = request;
  if (destination.place.kind !== "partition") throw new Error("Assertion failed: a slot is a partition");
  const { device, number } = destination.place;
  const digest = demandDigest(offer);
  await markSlot(session, transfer, offer, destination.place);
  const kept = await readPartial(session, digest, destination.place);
  await using file = await session.machine.volumes.openPartition(device, number, "modify");
  const resumeBytes = Math.min(kept, await file.size());
  const downloaded = await downloadResource(session, {
    offer,
    file,
    resumeBytes,
    ...(await askedWays(ways, resumeBytes)),
    onBytes: reportBytes(session, offer.sizeBytes),
    onFlushed: (done) => savePartial(session, digest, destination.place, done),
  });
  if ((await compressionOf(file)) !== undefined) return await unpackSlot(session, request, file, downloaded);
  return {
    content: { kind: "bytes", sha256: downloaded.sha256, sizeBytes: downloaded.sizeBytes },
    stagingPath: device,
    transferredBytes: downloaded.transferredBytes,
  };
}

/** Its name did not say that it is compressed: the bytes, proven by now, make room for what is in them. */
async function unpackSlot(
  session: Session,
  request: AcquireRequest,
  slot: DiskFile,
  { sizeBytes, transferredBytes }: Downloaded,
): Promise<Acquired> {
  const { disk } = session.machine;
  const source = joinPath(request.target.stagingFolder, stagingName(demandDigest(request.offer)));
  await makeFolders(disk, folderOf(source));
  await removeIfThere(disk, source);
  {
    await using file = await disk.open(source, "create");
    await disk.reserve(source, sizeBytes);
    const writer = new PieceWriter(session, file, session.machine.digest.sha256(), 0, async () => {});
    for await (const piece of piecesOf(session, slot, 0, sizeBytes)) await writer.append(piece);
    await writer.drain();
  }
  await forgetPartial(session, demandDigest(request.offer));
  return finishSlot(session, request, source, transferredBytes);
}

/** Brings proven bytes into an open file, decompressed where they are compressed, hashing what comes out. */
function unpackInto(
  session: Session,
  source: { readonly path: string; readonly sha256: Sha256 },
  compression: Compression | undefined,
  file: DiskFile,
  maxBytes: number,
): Promise<ContentDigest> {
  const { decoder, digest } = session.machine;
  return withProvenFile(session, source, async (bytes) => {
    const writer = new PieceWriter(session, file, digest.sha256(), 0, async () => {});
    const pieces = compression === undefined ? bytes : decoder.decompress(compression, bytes, maxBytes);
    for await (const piece of pieces) {
      session.signal.throwIfAborted();
      await writer.append(piece);
    }
    await writer.drain();
    return { kind: "bytes", sha256: writer.digest(), sizeBytes: writer.position };
  });
}

/** Files that are as they travelled stay where they are; compressed ones are unpacked beside. */
async function finishFile(
  session: Session,
  request: AcquireRequest,
  source: string,
  downloaded: Downloaded,
): Promise<Acquired> {
  const { offer, target } = request;
  const { disk } = session.machine;
  const compression = await (async () => {
    await using file = await disk.open(source, "read");
    return await compressionOf(file);
  })();
  const { transferredBytes } = downloaded;
  if (compression === undefined) {
    return {
      content: { kind: "bytes", sha256: downloaded.sha256, sizeBytes: downloaded.sizeBytes },
      stagingPath: source,
      transferredBytes,
    };
  }
  const stagingPath = joinPath(folderOf(source), contentStagingName(demandDigest(offer)));
  const room = await disk.fileSystem(target.folder);
  await removeIfThere(disk, stagingPath);
  await using file = await disk.open(stagingPath, "create");
  const content = await unpackInto(
    session,
    { path: source, sha256: demandDigest(offer) },
    compression,
    file,
    offer.fields.sizeBytes ?? room.availableBytes,
  );
  return { content, stagingPath, transferredBytes };
}

async function finishSlot(
  session: Session,
  request: AcquireRequest,
  source: string,
  transferredBytes: number,
): Promise<Acquired> {
  const { transfer, offer, destination } = request;
  if (destination.place.kind !== "partition") throw new Error("Assertion failed: a slot is a partition");
  const { device, number } = destination.place;
  await markSlot(session, transfer, offer, destination.place);
  await using slot = await session.machine.volumes.openPartition(device, number, "modify");
  const capacity = await slot.size();
  await using file = await session.machine.disk.open(source, "read");
  const compression = await compressionOf(file);
  const proven = { path: source, sha256: demandDigest(offer) };
  const content = await unpackInto(session, proven, compression, slot, capacity);
  return { content, stagingPath: device, transferredBytes };
}

async function finishArchive(
  session: Session,
  request: AcquireRequest,
  source: string,
  downloaded: Downloaded,
): Promise<Acquired> {
  const { disk, decoder } = session.machine;
  const { offer, destination, target } = request;
  const { staging } = destination;
  if (staging.kind !== "tree") throw new Error("Assertion failed: an archive becomes a tree");
  const compression = await (async () => {
    await using file = await disk.open(source, "read");
    return await compressionOf(file);
  })();
  const room = await disk.fileSystem(target.folder);
  await removeTree(session, staging.path);
  const sha256 = await withProvenFile(session, { path: source, sha256: demandDigest(offer) }, (plain) => {
    const bytes = compression === undefined ? plain : decoder.decompress(compression, plain, room.availableBytes);
    return unpackTree(session, decoder.untar(bytes), staging);
  });
  return {
    content: { kind: "tree", sha256 },
    stagingPath: staging.path,
    transferredBytes: downloaded.transferredBytes,
  };
}

const publishedHint =
  "It was published like this: its bytes are the ones the source lists. Nothing was installed; tell its publisher.";

/** The decoder knows no names. What it says of a resource is no fault of this machine or of the mirror. */
function withOfferName(offer: Offer, error: unknown): unknown {
  if (!(error instanceof Fault) || !(publishedWrong.has(error.code) || error.code === "too-large")) return error;
  const state = error.message.replace(/^Cannot (decompress: |unpack the archive: |unpack )/, "");
  return new Fault(error.code, `Cannot use ${offer.name}: ${state}`, {
    hint: publishedWrong.has(error.code)
      ? publishedHint
      : "Nothing was installed. Make room for it, or have a smaller one published.",
    details: error.details,
    cause: error,
  });
}

/** Brings a resource in. What an earlier run brought is continued, or used as it is when its digest fits. */
export async function acquire(session: Session, request: AcquireRequest): Promise<Acquired> {
  const { offer } = request;
  const acquired = await bringIn(session, request).catch((error: unknown) => {
    throw withOfferName(offer, error);
  });
  const [said, { content }] = [offer.fields.sizeBytes, acquired];
  if (said === undefined || content.kind === "tree" || content.sizeBytes === said) return acquired;
  throw new Fault<AcquireFaultCode>(
    "wrong-size",
    `Cannot use ${offer.name}: ${content.sizeBytes} bytes come out, and its name says ${said}`,
    { hint: publishedHint },
  );
}

async function bringIn(session: Session, request: AcquireRequest): Promise<Acquired> {
  const { offer, destination, target } = request;
  const digest = demandDigest(offer);
  if (offer.shape.kind === "tree") {
    if (destination.staging.kind !== "tree") throw new Error("Assertion failed: a tree goes to a tree");
    await makeFolders(session.machine.disk, target.folder);
    await removeTree(session, destination.staging.path);
    const sha256 = await copyTree(session, offer.location, destination.staging);
    return { content: { kind: "tree", sha256 }, stagingPath: destination.staging.path, transferredBytes: 0 };
  }
  const straightToSlot =
    destination.place.kind === "partition" && offer.shape.kind === "bytes" && offer.shape.compression === undefined;
  if (straightToSlot) return downloadToSlot(session, request);
  const source = joinPath(target.stagingFolder, stagingName(digest));
  const downloaded = await downloadToFile(session, request, source);
  if (offer.shape.kind === "archive") return finishArchive(session, request, source, downloaded);
  if (destination.place.kind === "partition") return finishSlot(session, request, source, downloaded.transferredBytes);
  return finishFile(session, request, source, downloaded);
}

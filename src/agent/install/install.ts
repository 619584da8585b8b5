// Install: what was acquired gets its final name, durably, and is read back from the medium (P1).
import { Fault } from "../../base/fault.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import { instanceFields } from "../../domain/destination.ts";
import type { Destination } from "../../domain/plan.ts";
import type { ResourceRecord } from "../../domain/records.ts";
import {
  type ContentDigest,
  describePlace,
  type Evidence,
  type Offer,
  type Place,
  type Trust,
} from "../../domain/resource.ts";
import type { Transfer } from "../../format/definitions.ts";
import { stagingName } from "../../format/leftover-name.ts";
import { flush } from "../acquire/flush.ts";
import { digestPlace, sameContent, stampOf } from "./prove.ts";
import type { Session } from "../session.ts";
import { makeFolders, removeIfThere } from "../state/small-file.ts";
import { publishSlot } from "./slot.ts";
import { discardTree } from "../acquire/tree.ts";
import { renameFile } from "./rename-file.ts";

export type InstallFaultCode = "read-back-differs" | "symlink-in-the-way";

export interface InstallRequest {
  readonly transfer: Transfer;
  readonly offer: Offer;
  readonly destination: Destination;
  /** Where the acquired resource lies. */
  readonly stagingPath: string;
  readonly content: ContentDigest;
}

function trustOfEvidence(evidence: Evidence): Trust {
  return evidence === "signed" ? "proven" : "unproven";
}

/** What will be true of the resource once it is in place: recorded before an entry may name it. */
export function recordOf(request: InstallRequest): ResourceRecord {
  const { transfer, offer, destination, content } = request;
  return {
    transfer: transfer.id,
    role: destination.role,
    place: destination.place,
    sourceName: offer.name,
    ...(offer.sha256 === undefined ? {} : { sourceSha256: offer.sha256 }),
    content,
    trust: trustOfEvidence(offer.evidence),
  };
}

/**
 * On FAT nothing is renamed over an existing name (disk model): what is in the way has the right name and the wrong
 * bytes, and goes first, flushed. Elsewhere the new file takes the name in one step.
 */
async function takeName(session: Session, from: string, to: string): Promise<void> {
  const { disk } = session.machine;
  const folder = folderOf(to);
  await makeFolders(disk, folder);
  const inTheWay = await disk.stat(to);
  if (inTheWay === undefined) await renameFile(session, from, to);
  else if ((await disk.fileSystem(folder)).type === "vfat") {
    await disk.remove(to);
    await disk.syncFolder(folder);
    await renameFile(session, from, to);
  } else {
    await disk.replace(from, to);
    await disk.syncFolder(folder);
  }
  if (folderOf(from) !== folder) await disk.syncFolder(folderOf(from));
}

/** The bytes are flushed since they were brought in; mode and time have to be as well before the file has its name. */
async function setFacts(
  session: Session,
  { stagingPath }: InstallRequest,
  mode: number | undefined,
  mtimeUs: bigint | undefined,
): Promise<void> {
  const { disk } = session.machine;
  try {
    await using file = await disk.open(stagingPath, "modify");
    if (mode !== undefined) await file.setMode(mode);
    if (mtimeUs !== undefined) await file.setTime(mtimeUs);
    await flush(file);
  } catch (error) {
    if (error instanceof Fault && error.code === "flush-failed") await removeIfThere(disk, stagingPath);
    throw error;
  }
}

function otherBytes(place: Place, expected: ContentDigest, got: ContentDigest): Fault<InstallFaultCode> {
  return new Fault(
    "read-back-differs",
    `Cannot trust ${describePlace(place)}: the disk returns other bytes than were written to it`,
    {
      hint: "The disk is failing. Look at its health (smartctl) before you try again; the running version was not touched.",
      details: { expected: expected.sha256, got: got.sha256 },
    },
  );
}

/**
 * What a loader may start is right on the medium before it has its name (P1): once it has, a power cut leaves it there.
 * Behind the rename it is read again like everything else.
 */
async function readBackEntry(session: Session, { destination, stagingPath, content }: InstallRequest): Promise<void> {
  if (destination.role !== "entry") return;
  const staged: Place = { kind: "file", path: stagingPath };
  const now = await digestPlace(session, staged, content);
  if (sameContent(now, content)) return;
  await removeIfThere(session.machine.disk, stagingPath);
  throw otherBytes(staged, content, now);
}

async function installFile(session: Session, request: InstallRequest, path: string): Promise<void> {
  const { disk } = session.machine;
  const fields = instanceFields(request.transfer, request.offer);
  const wanted = fields.readOnly === true ? (fields.mode ?? 0o644) & ~0o222 : fields.mode;
  // FAT has no modes. All that one without write bits may do there is set the read-only attribute, and with that the
  // loader cannot count the boots of an entry (D.8): nothing would ever fall back (P8).
  const mode = (await disk.fileSystem(folderOf(request.stagingPath))).type === "vfat" ? undefined : wanted;
  if (mode !== undefined || fields.mtimeUs !== undefined) await setFacts(session, request, mode, fields.mtimeUs);
  await readBackEntry(session, request);
  await takeName(session, request.stagingPath, path);
}

/** A tree cannot be renamed over another: an old one of the same name goes first. */
async function installTree(session: Session, request: InstallRequest, path: string): Promise<void> {
  const { disk } = session.machine;
  await discardTree(session, path);
  await makeFolders(disk, folderOf(path));
  await disk.rename(request.stagingPath, path);
  await disk.syncFolder(folderOf(path));
  if (folderOf(request.stagingPath) !== folderOf(path)) await disk.syncFolder(folderOf(request.stagingPath));
  if (instanceFields(request.transfer, request.offer).readOnly === true) await disk.setReadOnly(path, true);
}

async function putInPlace(session: Session, request: InstallRequest, place: Place): Promise<void> {
  switch (place.kind) {
    case "file":
      return installFile(session, request, place.path);
    case "tree":
      return installTree(session, request, place.path);
    case "partition":
      return publishSlot(session, request.transfer, request.offer, place);
  }
}

/** What a loader may start must not stay with other bytes than it is to have; anything else stays for clear. */
async function takeAwayEntry(session: Session, { destination }: InstallRequest): Promise<void> {
  const { role, place } = destination;
  if (role !== "entry" || place.kind !== "file") return;
  const { disk } = session.machine;
  await removeIfThere(disk, place.path);
  await disk.syncFolder(folderOf(place.path));
}

/** Of an entry that has its name, and may not keep it after a power cut, nothing is to be started: it is brought in anew. */
async function abandonEntry(session: Session, request: InstallRequest): Promise<void> {
  try {
    if ((await session.machine.disk.stat(request.stagingPath)) === undefined) await takeAwayEntry(session, request);
  } catch (error) {
    if (!(error instanceof Fault)) throw error; // what failed first says why
  }
}

/** Installs one resource and returns what is now known of it. A read-back that differs is a Fault, and an entry is gone again then. */
export async function install(session: Session, request: InstallRequest): Promise<ResourceRecord> {
  const { place } = request.destination;
  try {
    await putInPlace(session, request, place);
  } catch (error) {
    if (error instanceof Fault) await abandonEntry(session, request);
    throw error;
  }
  const now = await digestPlace(session, place, request.content);
  if (!sameContent(now, request.content)) {
    await takeAwayEntry(session, request);
    throw otherBytes(place, request.content, now);
  }
  const stamp = await stampOf(session, place);
  return {
    ...recordOf(request),
    ...(stamp === undefined ? {} : { stamp }),
    verifiedAtMs: session.machine.clock.nowMs(),
  };
}

/** Points `symlink` at `target`, relatively where both are in one folder, in one step. */
export async function switchLink(session: Session, symlink: string, target: string): Promise<void> {
  const { disk, digest } = session.machine;
  const folder = folderOf(symlink);
  await makeFolders(disk, folder);
  const text = relativePath((await disk.resolve(folder)) ?? folder, target);
  const now = await disk.stat(symlink);
  if (now?.kind === "symlink" && (await disk.readLink(symlink)) === text) return;
  if (now !== undefined && now.kind !== "symlink") {
    throw new Fault<InstallFaultCode>(
      "symlink-in-the-way",
      `Cannot make the link ${symlink}: something that is no link has that name`,
      {
        hint: "Move it away; CurrentSymlink= names a link that Holdfast replaces at every update.",
      },
    );
  }
  // The same name each time: what a power cut left of an earlier switch goes with the next one (P6).
  const hasher = digest.sha256();
  hasher.update(new TextEncoder().encode(symlink));
  const temporary = joinPath(folder, stagingName(hasher.finish()));
  await removeIfThere(disk, temporary);
  await disk.symlink(text, temporary);
  await disk.replace(temporary, symlink);
  await disk.syncFolder(folder);
}

function relativePath(fromFolder: string, target: string): string {
  const from = fromFolder.split("/").filter(Boolean);
  const to = target.split("/").filter(Boolean);
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => ".."), ...to.slice(shared)].join("/");
}

// Where everything goes on the disk that `image install` fills: partitions, their sizes, and the script for sfdisk.
// Partition types and labels are those by which the initrd, systemd and the definitions find them (UAPI.2).
import { Fault } from "../base/fault.ts";
import { parseUuid, type Uuid } from "../base/ids.ts";
import { wholeMebibytes } from "../base/mebibytes.ts";
import { demandLabel, emptyLabel } from "../format/partition-table.ts";
import { espType, linuxGeneric, partitionTypeNamed } from "../format/partition-types.ts";
import type { InstallLayout } from "./install-release.ts";

export const systemLabel = "holdfast-system";
const espLabel = "esp";

/** What is put into a partition: a file system that is made, a file of the release as it is, or nothing yet. */
export type PartContent = "esp" | "system" | "usr" | "verity" | "nothing";

export interface InstallPart {
  readonly number: number;
  readonly label: string;
  readonly type: Uuid;
  /** Random where it is absent. */
  readonly uuid?: Uuid;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly content: PartContent;
}

export interface InstallPlan {
  readonly diskBytes: number;
  readonly parts: readonly InstallPart[];
}

export interface InstallSizes {
  readonly entryBytes: number;
  readonly usrBytes: number;
  readonly verityBytes: number;
  /** Everything of the system partition but the image of /usr: /etc and what is kept of /var. */
  readonly treeBytes: number;
}

export interface PlanRequest {
  /** As messages call it. */
  readonly disk: string;
  readonly diskBytes: number;
  readonly name: string;
  readonly version: string;
  readonly layout: InstallLayout;
  /** As systemd names it; its types are those of the slots. */
  readonly architecture: string;
  readonly sizes: InstallSizes;
  readonly espBytes?: number;
  readonly slotBytes?: number;
  /** `usrhash=` of the entry: the slots of the first version carry it in their UUIDs. */
  readonly usrHash?: string;
}

export type InstallPlanFaultCode = "disk-too-small" | "esp-too-small" | "slot-too-small" | "no-partition-type";

export const MiB: number = 1 << 20;
const GiB = 1 << 30;
/** Before the first partition; after the last, the second copy of the table has its place. */
export const tableBytes: number = MiB;
/** FAT32 needs at least 65,525 clusters (Microsoft's FAT specification); below, some firmware does not read it. */
const espBytesMin = 40 * MiB;
/** Journal, inodes, /var. */
const systemSlackBytes = 96 * MiB;

function roundUp(bytes: number): number {
  return Math.ceil(bytes / MiB) * MiB;
}

/** Two versions stay, and a third one comes before the oldest goes. */
function espMin({ entryBytes }: InstallSizes): number {
  return Math.max(espBytesMin, roundUp(3 * entryBytes + 8 * MiB));
}

/** Room for images that grow by a quarter. */
function slotMin({ usrBytes }: InstallSizes): number {
  return roundUp(usrBytes * 1.25);
}

/** SHA-256 over blocks of 4 KiB, in a tree with 128 hashes a block, and a superblock (dm-verity). */
function veritySlot(slotBytes: number, { verityBytes }: InstallSizes): number {
  return roundUp(Math.max(slotBytes / 126 + MiB / 2, verityBytes));
}

/** What the system partition has to have room for: with the image on it, for a second version of that as well. */
export function systemMin(layout: InstallLayout, { usrBytes, treeBytes }: InstallSizes): number {
  return roundUp((layout === "kde" ? 2 * usrBytes : 0) + treeBytes * 1.25 + systemSlackBytes);
}

function espSize(request: PlanRequest): number {
  const least = espMin(request.sizes);
  const asked = request.espBytes;
  if (asked !== undefined && asked < least)
    throw new Fault<InstallPlanFaultCode>(
      "esp-too-small",
      `Cannot make an ESP of ${wholeMebibytes(asked)}: three boot entries of ${wholeMebibytes(request.sizes.entryBytes)} need ${wholeMebibytes(least)}`,
      { kind: "usage", hint: "Leave --esp-size away, or give more." },
    );
  return roundUp(asked ?? Math.max(least, Math.min(GiB, request.diskBytes / 16)));
}

function slotSize(request: PlanRequest): number {
  const least = roundUp(request.sizes.usrBytes);
  const asked = request.slotBytes;
  if (asked !== undefined && asked < least)
    throw new Fault<InstallPlanFaultCode>(
      "slot-too-small",
      `Cannot make slots of ${wholeMebibytes(asked)}: the image has ${wholeMebibytes(least)}`,
      { kind: "usage", hint: "Leave --slot-size away, or give more." },
    );
  return roundUp(asked ?? Math.max(slotMin(request.sizes), Math.min(8 * GiB, request.diskBytes / 8)));
}

function typeNamed(name: string, architecture: string): Uuid {
  const type = partitionTypeNamed(name, architecture);
  if (type !== undefined) return type;
  throw new Fault<InstallPlanFaultCode>(
    "no-partition-type",
    `Cannot make slots for ${architecture}: no partition type for its /usr is known`,
    { hint: "Use --layout=kde." },
  );
}

type Wanted = Omit<InstallPart, "number" | "offsetBytes">;

/** A slot is labelled as the definitions look for it; its UUIDs are halves of the hash (systemd-veritysetup-generator(8)). */
function slots(request: PlanRequest): readonly Wanted[] {
  const { name, version, architecture, usrHash, sizes } = request;
  const sizeBytes = slotSize(request);
  const usr = { type: typeNamed("usr", architecture), sizeBytes };
  const verity = { type: typeNamed("usr-verity", architecture), sizeBytes: veritySlot(sizeBytes, sizes) };
  const uuid = (hex: string | undefined): { readonly uuid?: Uuid } =>
    hex === undefined ? {} : { uuid: parseUuid(hex) };
  return [
    { ...usr, ...uuid(usrHash?.slice(0, 32)), label: `${name}_${version}`, content: "usr" },
    { ...verity, ...uuid(usrHash?.slice(-32)), label: `${name}_${version}_verity`, content: "verity" },
    { ...usr, label: emptyLabel, content: "nothing" },
    { ...verity, label: emptyLabel, content: "nothing" },
  ];
}

/** The system partition comes last, so that it can grow with its disk. Faults: InstallPlanFaultCode, `partition-label`. */
export function planInstall(request: PlanRequest): InstallPlan {
  const { layout, sizes, diskBytes } = request;
  const fixed: readonly Wanted[] = [
    { label: espLabel, type: espType, sizeBytes: espSize(request), content: "esp" },
    ...(layout === "ab" ? slots(request) : []),
  ];
  const before = fixed.reduce((sum, { sizeBytes }) => sum + sizeBytes, tableBytes);
  const usable = Math.floor(diskBytes / MiB) * MiB - tableBytes;
  const least = systemMin(layout, sizes);
  if (usable - before < least) throw tooSmall(request, before + least + tableBytes);
  const wanted: readonly Wanted[] = [
    ...fixed,
    { label: systemLabel, type: linuxGeneric, sizeBytes: usable - before, content: "system" },
  ];
  let offsetBytes = tableBytes;
  const parts = wanted.map((part, index) => {
    demandLabel(part.label);
    const placed = { ...part, number: index + 1, offsetBytes };
    offsetBytes += part.sizeBytes;
    return placed;
  });
  return { diskBytes, parts };
}

function tooSmall(request: PlanRequest, neededBytes: number): Fault<InstallPlanFaultCode> {
  const missingBytes = neededBytes - request.diskBytes;
  return new Fault(
    "disk-too-small",
    `Cannot install ${request.name} ${request.version} on ${request.disk}: it has ${wholeMebibytes(request.diskBytes)}, and ${wholeMebibytes(neededBytes)} are needed (${wholeMebibytes(missingBytes)} more)`,
    {
      hint: "Use a larger disk; for an image file, give --size.",
      details: { haveBytes: request.diskBytes, neededBytes, missingBytes },
    },
  );
}

/** One script for the whole table: it is not there before, and complete afterwards. */
export function installScript(plan: InstallPlan): string {
  const lines = plan.parts.map(({ offsetBytes, sizeBytes, type, uuid, label }) =>
    [
      `start=${offsetBytes / MiB}MiB`,
      `size=${sizeBytes / MiB}MiB`,
      `type=${type}`,
      ...(uuid === undefined ? [] : [`uuid=${uuid}`]),
      `name="${label}"`,
    ].join(", "),
  );
  return `label: gpt\n\n${lines.join("\n")}\n`;
}

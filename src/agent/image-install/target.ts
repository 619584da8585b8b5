// Looks at the disk that `image install` is to fill, and makes it blank once that was decided. Looking changes nothing.
import { Fault } from "../../base/fault.ts";
import { folderOf } from "../../base/machine-path.ts";
import { toBytes } from "../../base/text.ts";
import { MiB } from "../../image/install-plan.ts";
import { isBlankStart, type TargetFacts, unfinishedMark } from "../../image/install-target.ts";
import type { Disk, DiskFile } from "../../port/disk.ts";
import { flush } from "../acquire/flush.ts";
import type { Session } from "../session.ts";
import { runTool } from "./tool.ts";

/** Images are made with sectors of this size; disks say theirs. */
const imageSectorBytes = 512;

export interface Target {
  /** Where it really is, links followed. */
  readonly path: string;
  readonly sectorBytes: number;
  readonly facts: TargetFacts;
}

export async function inspectTarget(session: Session, name: string): Promise<Target> {
  const { disk } = session.machine;
  const path = (await disk.resolve(name)) ?? name;
  const stat = await disk.stat(path);
  const facts = { name, sizeBytes: 0, readOnly: false, uses: [], signatures: [], blank: true } as const;
  if (stat === undefined) {
    const kind = path.startsWith("/dev/") ? "other" : "new-file";
    return { path, sectorBytes: imageSectorBytes, facts: { ...facts, kind } };
  }
  if (stat.kind === "file") {
    const uses = await loopsOver(session, path);
    const content = await lookInto(session, path, stat.sizeBytes, imageSectorBytes);
    return {
      path,
      sectorBytes: imageSectorBytes,
      facts: { ...facts, ...content, kind: "file", sizeBytes: stat.sizeBytes, uses },
    };
  }
  const device = stat.kind === "device" ? await blockDevice(session, path) : undefined;
  if (device === undefined) return { path, sectorBytes: imageSectorBytes, facts: { ...facts, kind: "other" } };
  const { sectorBytes, kind, sizeBytes, readOnly, uses } = device;
  const content = await lookInto(session, path, sizeBytes, sectorBytes);
  return { path, sectorBytes, facts: { name, kind, sizeBytes, readOnly, uses, ...content } };
}

/** A file that is attached to a loop device may be mounted through it. */
async function loopsOver(session: Session, path: string): Promise<readonly string[]> {
  try {
    const { stdout } = await session.machine.process.run("losetup", [
      "--noheadings",
      "--output=NAME",
      "--associated",
      path,
    ]);
    return stdout.split("\n").flatMap((line) => (line.trim() === "" ? [] : [`attached to ${line.trim()}`]));
  } catch (error) {
    if (error instanceof Fault && error.code === "tool-missing") return [];
    throw error;
  }
}

interface Device {
  readonly kind: "disk" | "partition";
  readonly sectorBytes: number;
  readonly sizeBytes: number;
  readonly readOnly: boolean;
  readonly uses: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function listOf(value: unknown): readonly Fields[] {
  return Array.isArray(value) ? value.slice(0, 1000).map(fieldsOf) : [];
}

/** What lsblk says of a device and all that is built upon it; `undefined` when it is no block device. */
async function blockDevice(session: Session, path: string): Promise<Device | undefined> {
  const columns = "PATH,TYPE,RO,MOUNTPOINTS,LOG-SEC,SIZE";
  const { exitCode, stdout } = await session.machine.process.run("lsblk", [
    "--json",
    "--bytes",
    "--output",
    columns,
    "--",
    path,
  ]);
  if (exitCode !== 0) return undefined;
  let own: Fields;
  try {
    own = listOf(fieldsOf(JSON.parse(stdout))["blockdevices"])[0] ?? {};
  } catch (cause) {
    throw new Fault("io-error", `Cannot look at ${path}: lsblk did not answer in JSON`, { cause });
  }
  return {
    kind: own["type"] === "part" ? "partition" : "disk",
    sectorBytes: Number(own["log-sec"]) || imageSectorBytes,
    sizeBytes: Number(own["size"]),
    readOnly: own["ro"] === true || own["type"] === "rom",
    uses: usesOf(own, true),
  };
}

/** Mounts, swap, and what is neither disk nor partition: an opened LUKS volume, LVM, RAID. */
function usesOf(device: Fields, isWhole: boolean): readonly string[] {
  const path = String(device["path"]);
  const mounts = Array.isArray(device["mountpoints"]) ? device["mountpoints"] : [];
  const own = mounts.flatMap((mount: unknown) => (typeof mount === "string" ? [`${path} is mounted on ${mount}`] : []));
  const built = isWhole || device["type"] === "part" ? [] : [`${path} is built upon it`];
  return [...built, ...own, ...listOf(device["children"]).flatMap((child) => usesOf(child, false))].slice(0, 5);
}

/** Signatures, and whether beginning and end are zero. */
async function lookInto(
  session: Session,
  path: string,
  sizeBytes: number,
  sectorBytes: number,
): Promise<Pick<TargetFacts, "signatures" | "blank">> {
  if (sizeBytes === 0) return { signatures: [], blank: true };
  const out = await runTool(session, "wipefs", ["--no-act", "--parsable", "--output=TYPE", "--", path], {
    doing: `look at what is on ${path}`,
  });
  const types = out.split("\n").flatMap((line) => (line === "" || line.startsWith("#") ? [] : [line.trim()]));
  await using file = await session.machine.disk.open(path, "read");
  const edge = Math.min(MiB, sizeBytes);
  const start = await readAt(file, 0, edge);
  const end = await readAt(file, sizeBytes - edge, edge);
  const blank = isBlankStart(start, sectorBytes) && (sizeBytes <= MiB || end.every((byte) => byte === 0));
  return { signatures: [...new Set(types)], blank };
}

async function readAt(file: DiskFile, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  const filled = await file.read(offset, bytes);
  if (filled === length) return bytes;
  throw new Fault("io-error", `Cannot read ${file.path}: it ends after ${offset + filled} bytes`);
}

/**
 * From here on nothing on it can be taken for a system: no table, no file system. Only then is its content overwritten.
 * Returns whether all of it is known to be zero.
 */
export async function makeBlank(session: Session, target: Target, sizeBytes: number): Promise<boolean> {
  const { disk } = session.machine;
  const { path, sectorBytes, facts } = target;
  const made = facts.kind === "new-file";
  if (made) await makeFile(disk, path);
  await using file = await disk.open(path, "modify");
  if (made || facts.sizeBytes === 0) await file.truncate(sizeBytes);
  const edge = new Uint8Array(Math.min(MiB, sizeBytes));
  await file.write(0, edge);
  await file.write(sizeBytes - edge.length, edge);
  await flush(file);
  await file.write(sectorBytes, toBytes(unfinishedMark));
  await flush(file);
  return made || facts.sizeBytes === 0 || (facts.kind === "file" && (await punch(session, path, sizeBytes)));
}

async function makeFile(disk: Disk, path: string): Promise<void> {
  const file = await disk.open(path, "create");
  await file[Symbol.asyncDispose]();
  await disk.syncFolder(folderOf(path));
}

/** Makes what an earlier run wrote into an image a hole again. Where that cannot be, zeros are written like anything else. */
async function punch(session: Session, path: string, sizeBytes: number): Promise<boolean> {
  const hole = ["--punch-hole", `--offset=${MiB}`, `--length=${sizeBytes - 2 * MiB}`, path];
  const { exitCode } = await session.machine.process.run("fallocate", hole).catch(() => ({ exitCode: 1 }));
  return exitCode === 0;
}

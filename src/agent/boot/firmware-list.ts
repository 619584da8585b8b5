// The firmware's list of what it starts: an entry for each copy of the boot loader, one right after the other (UEFI 3.1).
import { Fault } from "../../base/fault.ts";
import { type BootPartition, formatLoadOption, parseLoadOption } from "../../format/efi-load-option.ts";
import type { BootListVariable } from "../../port/loader-variables.ts";
import type { BootFolder } from "../observe/boot-folders.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";

/** More than any firmware keeps. */
const optionsMax = 512;

function nameOfOption(number: number): BootListVariable {
  return `Boot${number.toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Numbers in the order of the firmware; undefined where it says nothing. */
async function readOrder(session: Session): Promise<readonly number[] | undefined> {
  const bytes = await session.machine.loader.readBootList("BootOrder");
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = Math.min(optionsMax, Math.floor(bytes.length / 2));
  return Array.from({ length: count }, (_, at) => view.getUint16(2 * at, true));
}

function orderBytes(order: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(order.length * 2);
  for (const [at, number] of order.entries()) new DataView(bytes.buffer).setUint16(2 * at, number, true);
  return bytes;
}

/** The disk of a partition's device: `/dev/sda1` is on `/dev/sda`, `/dev/nvme0n1p1` on `/dev/nvme0n1`. */
function diskOf(device: string): string | undefined {
  return (/^(.*\d)p\d+$/.exec(device) ?? /^(.*\D)\d+$/.exec(device))?.[1];
}

/** The partition of the ESP, as a device path names it: the one the loader says it was started from. */
async function espPartition(session: Session, { fileSystem }: BootFolder): Promise<BootPartition | undefined> {
  const uuid = (await session.machine.loader.read("LoaderDevicePartUUID"))?.toLowerCase();
  const disk = fileSystem.device === undefined ? undefined : diskOf(fileSystem.device);
  if (uuid === undefined || disk === undefined) return undefined;
  const { partitions } = await session.machine.volumes.readTable(disk);
  const found = partitions.find((partition) => partition.uuid === uuid);
  if (found === undefined) return undefined;
  const { number, startSector, sizeSectors } = found;
  return { uuid: found.uuid, number, startSector, sizeSectors };
}

/** Paths on this ESP, in lower case, for which the firmware has an active entry in its order. */
export async function listedPaths(session: Session): Promise<ReadonlySet<string>> {
  return new Set((await listedNumbers(session)).keys());
}

/** The same, with the number of each. */
async function listedNumbers(session: Session): Promise<ReadonlyMap<string, number>> {
  const listed = new Map<string, number>();
  try {
    const uuid = (await session.machine.loader.read("LoaderDevicePartUUID"))?.toLowerCase();
    for (const number of uuid === undefined ? [] : ((await readOrder(session)) ?? [])) {
      const bytes = await session.machine.loader.readBootList(nameOfOption(number));
      const option = bytes === undefined ? undefined : parseLoadOption(bytes);
      if (option?.active === true && option.partition.uuid === uuid) listed.set(option.path.toLowerCase(), number);
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
  return listed;
}

/** As the firmware writes a path on a volume. */
export function firmwarePath(relative: string): string {
  return `\\${relative.replaceAll("/", "\\")}`;
}

async function freeNumber(session: Session, order: readonly number[]): Promise<number | undefined> {
  for (let number = 0; number < optionsMax; number++) {
    if (order.includes(number)) continue;
    if ((await session.machine.loader.readBootList(nameOfOption(number))) === undefined) return number;
  }
  return undefined;
}

/** Behind the last of `own`, else at the end. */
function withNumber(order: readonly number[], own: ReadonlySet<number>, number: number): readonly number[] {
  const last = order.findLastIndex((each) => own.has(each));
  return last < 0 ? [...order, number] : order.toSpliced(last + 1, 0, number);
}

/**
 * Gives each of `paths` (below the ESP, with slashes) an entry where it has none: the option first, then its place in the
 * order. That is right after the other copy, for a loader that gives up returns to the firmware, and what stands between the
 * two would start in its place; where there is no other one it is the end, so that nothing is started before what was.
 * Returns why that could not be done, if it could not.
 */
export async function listCopies(
  session: Session,
  esp: BootFolder,
  paths: readonly string[],
): Promise<string | undefined> {
  const { loader } = session.machine;
  if (!loader.available) return "the firmware's list cannot be read here";
  try {
    const listed = await listedNumbers(session);
    const wanted = paths.map(firmwarePath);
    const missing = wanted.filter((path) => !listed.has(path.toLowerCase()));
    if (missing.length === 0) return undefined;
    const partition = await espPartition(session, esp);
    if (partition === undefined) return "the firmware's list has no entry for it, and its disk cannot be told";
    const own = new Set(wanted.flatMap((path) => listed.get(path.toLowerCase()) ?? []));
    for (const path of missing) {
      const order = (await readOrder(session)) ?? [];
      const number = await freeNumber(session, order);
      if (number === undefined) return "the firmware's list is full";
      const description = `Linux (${path.split("\\").at(-1)})`;
      await loader.writeBootList(
        nameOfOption(number),
        formatLoadOption({ description, active: true, partition, path }),
      );
      await loader.writeBootList("BootOrder", orderBytes(withNumber(order, own, number)));
      own.add(number);
      await record(session, "loader", undefined, `The firmware's boot list has an entry for ${path} now`);
    }
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return `the firmware's list has no entry for it: ${error.message}`;
    throw error;
  }
}

// Clear: removes versions whole, the other way round than they came: entry first, flushed, then the rest (P2).
import { Fault } from "../../base/fault.ts";
import { folderOf } from "../../base/machine-path.ts";
import type { Removal } from "../../domain/plan.ts";
import { describePlace, type Instance, type Leftover, type Place } from "../../domain/resource.ts";
import type { Transfer } from "../../format/definitions.ts";
import type { Session } from "../session.ts";
import { removeIfThere } from "../state/small-file.ts";
import { markLeaving } from "./elsewhere.ts";
import { removeEmptyFolders } from "./empty-folders.ts";
import { emptySlot } from "./slot.ts";
import { forgetVersion } from "../state/state.ts";
import { forgetPartialsIn } from "../acquire/partial.ts";
import { discardTree } from "../acquire/tree.ts";

async function removePlace(
  session: Session,
  place: Place,
  transfer: Transfer | undefined,
  top: string | undefined,
): Promise<void> {
  const { disk } = session.machine;
  switch (place.kind) {
    case "file": {
      await removeIfThere(disk, place.path);
      const folder = folderOf(place.path);
      // Flushed before the next thing goes: an entry must be gone for sure before its image is (P2).
      await disk.syncFolder(folder);
      if (top !== undefined) await removeEmptyFolders(session, folder, top);
      return;
    }
    case "tree":
      return discardTree(session, place.path);
    case "partition":
      if (transfer !== undefined) await emptySlot(session, transfer, place);
      return;
  }
}

/** Removes the instances in the order given. `whole`: the version's record goes too, last. */
export async function clear(
  session: Session,
  removal: Removal,
  transfers: readonly Transfer[],
  folders: ReadonlyMap<string, { readonly folder: string }>,
  whole: boolean,
): Promise<void> {
  const elsewhere = whole ? await markLeaving(session, removal.version, removal.instances) : [];
  for (const instance of removal.instances) {
    session.signal.throwIfAborted();
    await removeInstance(session, instance, transfers, folders);
  }
  for (const place of elsewhere) await removeElsewhere(session, place);
  if (whole) await forgetVersion(session, removal.version);
}

/** A place that today's definitions do not list. */
export async function removeElsewhere(session: Session, place: Place): Promise<void> {
  await removePlace(session, place, undefined, undefined);
}

async function removeInstance(
  session: Session,
  instance: Instance,
  transfers: readonly Transfer[],
  folders: ReadonlyMap<string, { readonly folder: string }>,
): Promise<void> {
  const transfer = transfers.find(({ id }) => id === instance.transfer);
  try {
    await removePlace(session, instance.place, transfer, folders.get(instance.transfer)?.folder);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new Fault(
      error.code,
      `Cannot remove version ${instance.version}: ${describePlace(instance.place)} stays (${error.message})`,
      {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      },
    );
  }
}

/** Removes what is left over and nothing needs. Returns how many went. */
export async function sweep(
  session: Session,
  leftovers: readonly Leftover[],
  transfers: readonly Transfer[],
): Promise<number> {
  let count = 0;
  for (const leftover of leftovers) {
    const transfer = transfers.find(({ id }) => id === leftover.transfer);
    await removePlace(session, leftover.place, transfer, undefined);
    if (leftover.place.kind === "partition") await forgetPartialsIn(session, leftover.place);
    count++;
  }
  return count;
}

// Two names of one entry, after the file system was checked: one stays, with the bytes of the entry (disk model: FAT).
import { folderOf } from "../../base/machine-path.ts";
import { twinGroups } from "./esp-guard.ts";
import type { BootEntry } from "../../domain/boot-graph.ts";
import { digestFile } from "../acquire/digest-file.ts";
import type { Observation } from "../observe/observe.ts";
import { renameEntry } from "./rename-entry.ts";
import type { Session } from "../session.ts";
import { removeIfThere } from "../state/small-file.ts";

/** The volume was unmounted for its check: nothing that is read comes from a cache of older days. */
async function digestOf(session: Session, { path }: BootEntry): Promise<string> {
  await using file = await session.machine.disk.open(path, "read");
  return await digestFile(session, file, undefined);
}

/** Known to be good before on trial, more tries before fewer: the name that is to stay. */
function byWorth(a: BootEntry, b: BootEntry): number {
  const worth = ({ tries }: BootEntry): number => tries?.left ?? Number.POSITIVE_INFINITY;
  return worth(a) === worth(b) ? 0 : worth(b) - worth(a);
}

/** A version that is passed over was to lose the name that the loader would start: the other way round. */
function orderFor({ situation }: Observation, [first]: readonly BootEntry[]): typeof byWorth {
  const version = situation.graph.nodes.find(({ entry }) => entry === first)?.version;
  const passedOver = version !== undefined && situation.quarantine.has(version);
  return passedOver ? (a, b) => byWorth(b, a) : byWorth;
}

/**
 * Of names with the same bytes the worthiest stays. Where the check emptied the name of a good entry and left the
 * bytes under a counted one, they get the good name back. Different bytes are nobody's business but a person's.
 */
async function settleGroup(session: Session, group: readonly BootEntry[], order: typeof byWorth): Promise<void> {
  const { disk } = session.machine;
  const [worthiest] = [...group].sort(order);
  const whole = group.filter(({ loadable }) => loadable.kind === "yes").sort(order);
  const [holder] = whole;
  if (worthiest === undefined || holder === undefined) return;
  const digests = new Set<string>();
  for (const entry of whole) digests.add(await digestOf(session, entry));
  if (digests.size > 1) return;
  for (const entry of group) {
    if (entry === holder) continue;
    await removeIfThere(disk, entry.path);
    await disk.syncFolder(folderOf(entry.path));
  }
  if (worthiest !== holder && worthiest.tries === undefined) await renameEntry(session, holder, worthiest.fileName);
}

/** Only where every FAT volume is known to be clean: names that share clusters must not be touched. */
export async function dropTwins(session: Session, observation: Observation): Promise<void> {
  const groups = twinGroups(observation);
  if (groups.length === 0) return;
  for (const fileSystem of observation.fileSystems) {
    if (fileSystem.type === "vfat" && (await session.machine.volumes.health(fileSystem)).kind !== "clean") return;
  }
  for (const group of groups) await settleGroup(session, group, orderFor(observation, group));
}

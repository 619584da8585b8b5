// systemd's installation database (interfaces D.3): where instances were ever installed, so that `cleanup` finds them
// when no definition names them any more. Kept as systemd 262 keeps it, so that each can clean up after the other.
import { Fault } from "../../base/fault.ts";
import { joinPath } from "../../base/machine-path.ts";
import { toBytes } from "../../base/text.ts";
import type { TargetPlace } from "../../domain/situation.ts";
import type { Transfer } from "../../format/definitions.ts";
import { parsePattern, type Pattern } from "../../format/pattern.ts";
import type { Session } from "../session.ts";
import { listIfThere, makeFolders, removeIfThere } from "../state/small-file.ts";

const base = "/var/lib/systemd/sysupdate";

/** One line of the database: instances of `pattern` may lie in `folder`. */
export interface InstallEntry {
  readonly folder: string;
  readonly pattern: Pattern;
  /** The link that says so. */
  readonly path: string;
}

function databaseFolder(component: string | undefined): string {
  return component === undefined ? `${base}/installdb` : `${base}/installdb.${component}`;
}

function contentOf(folder: string, pattern: Pattern): string {
  return `${folder}/./${pattern.text}`;
}

/** Remembers where the transfers install into the file system: before the first instance is there. */
export async function recordTargets(
  session: Session,
  transfers: readonly Transfer[],
  targets: ReadonlyMap<string, TargetPlace>,
): Promise<void> {
  const { disk, digest, progress } = session.machine;
  const folder = databaseFolder(session.settings.component);
  try {
    let isNew = false;
    for (const transfer of transfers) {
      const target = targets.get(transfer.id);
      if (target === undefined || transfer.target.type === "partition") continue;
      for (const pattern of transfer.target.patterns) {
        const content = contentOf(target.folder, pattern);
        const hasher = digest.sha256();
        hasher.update(toBytes(content));
        const link = joinPath(folder, hasher.finish());
        if ((await disk.stat(link)) !== undefined) continue;
        await makeFolders(disk, folder);
        await disk.symlink(content, link);
        isNew = true;
      }
    }
    if (isNew) await disk.syncFolder(folder);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // It serves later tidying only; an update does not fail for it.
    progress.report({ kind: "warning", text: `Not remembered for cleanup: ${error.message}` });
  }
}

/** Components that the database knows, `undefined` for the host. */
export async function recordedComponents(session: Session): Promise<readonly (string | undefined)[]> {
  const items = await listIfThere(session.machine.disk, base);
  return items.flatMap(({ name, kind }) => {
    if (kind !== "folder" || !name.startsWith("installdb")) return [];
    if (name === "installdb") return [undefined];
    const component = name.slice("installdb.".length);
    return component === "" ? [] : [component];
  });
}

/** What was recorded for a component. Links that make no sense are passed over. */
export async function readEntries(session: Session, component: string | undefined): Promise<readonly InstallEntry[]> {
  const { disk } = session.machine;
  const folder = databaseFolder(component);
  const entries: InstallEntry[] = [];
  for (const item of await listIfThere(disk, folder)) {
    if (item.kind !== "symlink") continue;
    const path = joinPath(folder, item.name);
    const content = await disk.readLink(path);
    const at = content.indexOf("/./");
    const target = content.slice(0, at);
    if (at < 0 || !/^(\/[^/]+)+$/.test(target) || target.split("/").some((part) => part === "..")) continue;
    try {
      entries.push({ folder: target, pattern: parsePattern(content.slice(at + 3)), path });
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
    }
  }
  return entries;
}

export async function forgetEntry(session: Session, entry: InstallEntry): Promise<void> {
  const { disk } = session.machine;
  await removeIfThere(disk, entry.path);
}

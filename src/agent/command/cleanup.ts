// `sysupdate cleanup`: removes what was installed under definitions that are gone, but nothing an entry needs (P2).
import { Fault } from "../../base/fault.ts";
import { folderOf, joinPath } from "../../base/machine-path.ts";
import { type Place, samePlace } from "../../domain/resource.ts";
import { matchPattern, type Pattern } from "../../format/pattern.ts";
import { findBootFolders, targetFolder } from "../observe/boot-folders.ts";
import { demandMachine } from "../observe/demand-machine.ts";
import { readComponents, readDefinitions } from "../observe/definitions.ts";
import { forgetEntry, type InstallEntry, readEntries, recordedComponents } from "../install/install-database.ts";
import { record } from "../state/journal.ts";
import { locked } from "../state/locked.ts";
import type { Session } from "../session.ts";
import { listIfThere, removeIfThere } from "../state/small-file.ts";
import { forgetVersion, readFacts, saveVersion } from "../state/state.ts";
import { removeTree } from "../acquire/tree.ts";

export interface CleanupReport {
  readonly removed: readonly string[];
  /** Orphans that stay, because a version with a boot entry was installed with them. */
  readonly kept: readonly string[];
}

interface Owner {
  readonly folder: string;
  readonly pattern: Pattern;
}

function sessionOf(session: Session, component: string | undefined): Session {
  const { component: _, ...settings } = session.settings;
  return { ...session, settings: component === undefined ? settings : { ...settings, component } };
}

/** Patterns of all definitions there are, of every component and every feature, on or off. */
async function readOwners(session: Session): Promise<readonly Owner[]> {
  const boot = await findBootFolders(session);
  const { components } = await readComponents(session);
  const owners: Owner[] = [];
  for (const id of [undefined, ...components.map((component) => component.id)]) {
    try {
      const { enabled, disabled } = await readDefinitions(sessionOf(session, id));
      for (const { target } of [...enabled, ...disabled]) {
        if (target.type === "partition") continue;
        const folder = targetFolder(session, boot, target);
        const real = (await session.machine.disk.resolve(folder)) ?? folder;
        for (const pattern of target.patterns) owners.push({ folder, pattern }, { folder: real, pattern });
      }
    } catch (error) {
      if (!(error instanceof Fault && error.code === "no-definitions")) throw error;
    }
  }
  return owners;
}

interface Match {
  readonly name: string;
  readonly place: Place;
}

/** What lies under an entry's folder and bears a name of its pattern. */
async function matchesOf(session: Session, entry: InstallEntry): Promise<readonly Match[]> {
  const found: Match[] = [];
  const depth = entry.pattern.pieces.filter(({ kind }) => kind === "slash").length;
  const visit = async (below: string, level: number): Promise<void> => {
    for (const item of await listIfThere(session.machine.disk, joinPath(entry.folder, below))) {
      const name = below === "" ? item.name : `${below}/${item.name}`;
      const path = joinPath(entry.folder, name);
      if (matchPattern(entry.pattern, name) !== undefined && ["file", "folder"].includes(item.kind))
        found.push({
          name,
          place: item.kind === "file" ? { kind: "file", path } : { kind: "tree", path, subvolume: false },
        });
      else if (item.kind === "folder" && level < depth) await visit(name, level + 1);
    }
  };
  await visit("", 0);
  return found;
}

/** Places that versions with a boot entry consist of: they go with their version, or not at all. */
async function neededPlaces(session: Session): Promise<readonly Place[]> {
  const { versions } = await readFacts(session);
  return [...versions.values()]
    .filter(({ resources }) => resources.some(({ role }) => role === "entry"))
    .flatMap(({ resources }) => resources.map(({ place }) => place));
}

/** The records say no longer that the version has it. */
async function forgetPlaces(session: Session, places: readonly Place[]): Promise<void> {
  const { versions } = await readFacts(session);
  for (const known of versions.values()) {
    const resources = known.resources.filter(({ place }) => !places.some((gone) => samePlace(gone, place)));
    if (resources.length === known.resources.length) continue;
    if (resources.length === 0) await forgetVersion(session, known.version);
    else await saveVersion(session, { ...known, resources });
  }
}

async function removePlace(session: Session, { place }: Match): Promise<void> {
  if (place.kind === "tree") return removeTree(session, place.path);
  if (place.kind !== "file") return;
  const { disk } = session.machine;
  await removeIfThere(disk, place.path);
  await disk.syncFolder(folderOf(place.path));
}

async function cleanComponent(session: Session, owners: readonly Owner[]): Promise<CleanupReport> {
  const { component } = session.settings;
  const needed = await neededPlaces(session);
  const removed: Match[] = [];
  const kept: Match[] = [];
  for (const entry of await readEntries(session, component)) {
    const rivals = owners.filter(({ folder }) => folder === entry.folder);
    if (rivals.some(({ pattern }) => pattern.text === entry.pattern.text)) continue;
    const orphans = (await matchesOf(session, entry)).filter(
      ({ name }) => !rivals.some(({ pattern }) => matchPattern(pattern, name) !== undefined),
    );
    const staying = orphans.filter(({ place }) => needed.some((other) => samePlace(other, place)));
    for (const match of orphans.filter((orphan) => !staying.includes(orphan))) {
      session.signal.throwIfAborted();
      await removePlace(session, match);
      await record(
        session,
        "removed",
        undefined,
        `${match.place.kind === "partition" ? match.name : match.place.path}: no definition owns it any more`,
      );
      removed.push(match);
    }
    kept.push(...staying);
    if (staying.length === 0) await forgetEntry(session, entry);
  }
  await forgetPlaces(
    session,
    removed.map(({ place }) => place),
  );
  return { removed: removed.map(({ name }) => name), kept: kept.map(({ name }) => name) };
}

/** Cleans up after the chosen component, or with `all` after each that the database knows. */
export async function cleanUp(session: Session, options: { readonly all: boolean }): Promise<CleanupReport> {
  const owners = await readOwners(session);
  const components = options.all ? await recordedComponents(session) : [session.settings.component];
  const removed: string[] = [];
  const kept: string[] = [];
  for (const component of components) {
    const own = sessionOf(session, component);
    const report = await locked(own, "cleanup", () => cleanComponent(own, owners), demandMachine);
    removed.push(...report.removed);
    kept.push(...report.kept);
  }
  return { removed, kept };
}

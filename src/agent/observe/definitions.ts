// Observe: the definitions of a machine, as sysupdate.d(5) lays them out over search paths, drop-ins and masks.
import { Fault } from "../../base/fault.ts";
import {
  type Component,
  type Feature,
  parseComponent,
  parseFeature,
  parseTransfer,
  type Specifiers,
  type Transfer,
  transferEnabled,
  type UnitSource,
  type Warning,
} from "../../format/definitions.ts";
import { demandMachine, insideRoot } from "./demand-machine.ts";
import { whoUpdates } from "./other-updaters.ts";
import { readSpecifiers } from "./identity.ts";
import type { Session } from "../session.ts";
import { listIfThere, readText } from "../state/small-file.ts";

export type DefinitionsFaultCode = "component-disabled" | "definitions-masked" | "no-definitions" | "unknown-component";

const searchPaths = ["/etc", "/run", "/usr/local/lib", "/usr/lib"];

/** Definitions as they are today: what is switched on and what a feature switches off. */
export interface Definitions {
  readonly folders: readonly string[];
  /** In order of their file names. */
  readonly enabled: readonly Transfer[];
  readonly disabled: readonly Transfer[];
  readonly features: readonly Feature[];
  readonly warnings: readonly Warning[];
  /** Legacy `.conf` transfers that a `.transfer` puts out of force (E31). */
  readonly unreadFiles: readonly string[];
  /** Of those, the ones whose target nothing that is read brings: a version would be installed without it. */
  readonly maskedFiles: readonly string[];
}

function definitionFolders(session: Session): readonly string[] {
  const { definitionsFolder, component } = session.settings;
  if (definitionsFolder !== undefined) return [definitionsFolder];
  const name = component === undefined ? "sysupdate.d" : `sysupdate.${component}.d`;
  return searchPaths.map((path) => `${path}/${name}`);
}

/** File name to path, the first folder winning; sorted by name as systemd applies them. */
async function firstByName(
  session: Session,
  folders: readonly string[],
  suffix: string,
): Promise<readonly (readonly [string, string])[]> {
  const found = new Map<string, string>();
  for (const folder of folders) {
    for (const item of await listIfThere(session.machine.disk, folder)) {
      if (item.name.endsWith(suffix) && !item.name.startsWith(".") && item.kind !== "folder" && !found.has(item.name)) {
        found.set(item.name, `${folder}/${item.name}`);
      }
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The text of a definition, or `undefined` when it is masked: empty, or a link to /dev/null. */
async function unmasked(session: Session, path: string): Promise<string | undefined> {
  const { disk } = session.machine;
  const stat = await disk.stat(path);
  if (stat?.kind === "symlink" && (await disk.readLink(path)) === "/dev/null") return undefined;
  const text = await readText(disk, path);
  return text === undefined || text === "" ? undefined : text;
}

/** A definition file, if there is one, and its drop-ins, in the order in which they apply; empty when it is masked. */
async function withDropIns(
  session: Session,
  folders: readonly string[],
  name: string,
  path: string | undefined,
): Promise<readonly UnitSource[]> {
  const main = path === undefined ? undefined : await unmasked(session, path);
  if (path !== undefined && main === undefined) return [];
  const sources: UnitSource[] = path === undefined || main === undefined ? [] : [{ path, text: main }];
  const dropInFolders = folders.map((folder) => `${folder}/${name}.d`);
  for (const [, dropIn] of await firstByName(session, dropInFolders, ".conf")) {
    const text = await unmasked(session, dropIn);
    if (text !== undefined) sources.push({ path: dropIn, text });
  }
  return sources;
}

async function readAll<T>(
  session: Session,
  folders: readonly string[],
  suffix: string,
  parse: (id: string, sources: readonly UnitSource[]) => { readonly warnings: readonly Warning[]; readonly value: T },
): Promise<{ readonly values: readonly T[]; readonly warnings: readonly Warning[] }> {
  const values: T[] = [];
  const warnings: Warning[] = [];
  for (const [name, path] of await firstByName(session, folders, suffix)) {
    const sources = await withDropIns(session, folders, name, path);
    if (sources.length === 0) continue;
    const parsed = parse(name.slice(0, -suffix.length), sources);
    values.push(parsed.value);
    warnings.push(...parsed.warnings);
  }
  return { values, warnings };
}

/** Reads transfers and features. Faults name file and line. No definitions at all is a Fault `no-definitions`. */
export async function readDefinitions(session: Session): Promise<Definitions> {
  const folders = definitionFolders(session);
  const specifiers = await readSpecifiers(session);
  const transfers = await readTransfers(session, folders, specifiers);
  const features = await readAll(session, folders, ".feature", (id, sources) => {
    const { feature, warnings } = parseFeature(id, sources, specifiers);
    return { value: feature, warnings };
  });
  const on = new Set(features.values.filter((feature) => feature.enabled).map((feature) => feature.id));
  if (transfers.values.length === 0) {
    await demandMachine(session);
    const { component } = session.settings;
    if (component !== undefined) {
      throw new Fault<DefinitionsFaultCode>(
        "no-definitions",
        `Cannot find the component ${component}: there are no definitions in ${folders.join(", ")}`,
        { hint: `\`holdfast sysupdate components\` lists what there is.${insideRoot(session)}` },
      );
    }
    const { clause, hint } = await whoUpdates(session);
    throw new Fault<DefinitionsFaultCode>(
      "no-definitions",
      `Cannot find definitions: there are none in ${folders.join(", ")}${clause}`,
      {
        hint: `${hint} *.transfer files there as sysupdate.d(5) describes them, or name their folder with --definitions.${insideRoot(session)}`,
      },
    );
  }
  return {
    folders,
    enabled: transfers.values.filter((transfer) => transferEnabled(transfer, on)),
    disabled: transfers.values.filter((transfer) => !transferEnabled(transfer, on)),
    features: features.values,
    warnings: [...transfers.warnings, ...features.warnings],
    ...(await unreadTransfers(session, folders, specifiers, transfers.values)),
  };
}

/** `.conf` is read only where there is no `.transfer` at all (interfaces D.1; incident E31). */
async function readTransfers(
  session: Session,
  folders: readonly string[],
  specifiers: Specifiers,
): Promise<{ readonly values: readonly Transfer[]; readonly warnings: readonly Warning[] }> {
  const modern = await firstByName(session, folders, ".transfer");
  const suffix = modern.length > 0 ? ".transfer" : ".conf";
  return readAll(session, folders, suffix, (id, sources) => {
    const { transfer, warnings } = parseTransfer(id, sources, specifiers);
    return { value: transfer, warnings };
  });
}

async function unreadTransfers(
  session: Session,
  folders: readonly string[],
  specifiers: Specifiers,
  read: readonly Transfer[],
): Promise<Pick<Definitions, "unreadFiles" | "maskedFiles">> {
  const modern = await firstByName(session, folders, ".transfer");
  const unread = modern.length === 0 ? [] : await firstByName(session, folders, ".conf");
  const masked: string[] = [];
  for (const [name, path] of unread) {
    const transfer = await transferOf(session, name, path, specifiers);
    if (transfer !== undefined && !read.some((other) => haveOneTarget(transfer, other))) masked.push(path);
  }
  return { unreadFiles: unread.map(([, path]) => path), maskedFiles: masked };
}

/** What is masked on purpose or does not parse describes no transfer. */
async function transferOf(
  session: Session,
  name: string,
  path: string,
  specifiers: Specifiers,
): Promise<Transfer | undefined> {
  const text = await unmasked(session, path);
  if (text === undefined) return undefined;
  try {
    return parseTransfer(name.replace(/\.conf$/, ""), [{ path, text }], specifiers).transfer;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

function haveOneTarget({ target: one }: Transfer, { target: other }: Transfer): boolean {
  const patterns = new Set(one.patterns.map(({ text }) => text));
  return one.type === other.type && one.path === other.path && other.patterns.some(({ text }) => patterns.has(text));
}

/**
 * A new `.transfer` beside old `.conf` files puts these out of force: what is left may be a boot entry alone, and systemd
 * installs it without its image (incident E31).
 */
export function demandAllRead({ maskedFiles }: Definitions): void {
  if (maskedFiles.length === 0) return;
  const [one] = maskedFiles;
  const what = maskedFiles.length === 1 ? `${one} is` : `${maskedFiles.join(", ")} are`;
  throw new Fault<DefinitionsFaultCode>(
    "definitions-masked",
    `Cannot update: ${what} not read because of the .transfer files beside, and nothing else brings the same`,
    { hint: "Rename every definition to end in .transfer, or remove what is not wanted.", kind: "refused" },
  );
}

/** Whether there is any transfer at all for the host, and the components that have a definitions folder, by name. */
export async function readComponents(
  session: Session,
): Promise<{ readonly host: boolean; readonly components: readonly Component[] }> {
  const specifiers = await readSpecifiers(session);
  const names = new Set<string>();
  for (const path of searchPaths) {
    for (const { name } of await listIfThere(session.machine.disk, path)) {
      const id = /^sysupdate\.(.+)\.d$/.exec(name)?.[1];
      if (id !== undefined && !id.endsWith(".component")) names.add(id);
    }
  }
  const components: Component[] = [];
  for (const id of [...names].sort()) components.push(await readComponent(session, id, specifiers));
  const hostFolders = searchPaths.map((path) => `${path}/sysupdate.d`);
  const transfers = [
    ...(await firstByName(session, hostFolders, ".transfer")),
    ...(await firstByName(session, hostFolders, ".conf")),
  ];
  return { host: transfers.length > 0, components };
}

async function readComponent(session: Session, id: string, specifiers: Specifiers): Promise<Component> {
  const name = `sysupdate.${id}.component`;
  const [found] = (await firstByName(session, searchPaths, ".component")).filter(([file]) => file === name);
  const sources = await withDropIns(session, searchPaths, name, found?.[1]);
  return parseComponent(id, sources, specifiers).component;
}

/** A component that is switched off is not updated; everything else about it can still be asked. */
export async function demandEnabled(session: Session): Promise<void> {
  const id = session.settings.component;
  if (id === undefined) return;
  if ((await readComponent(session, id, await readSpecifiers(session))).enabled) return;
  throw new Fault<DefinitionsFaultCode>("component-disabled", `Cannot update ${id}: Component is disabled.`, {
    hint: `Switch it on: holdfast sysupdate enable-component ${id}`,
    kind: "refused",
  });
}

// The user's definitions as texts, to be laid into the simulated machine under the same paths; nothing else is read.
import { Fault } from "../../base/fault.ts";
import { listIfThere, readText } from "../../agent/state/small-file.ts";
import type { Disk } from "../../port/disk.ts";

/** `text` of `undefined`: a link to /dev/null, which masks a definition. */
export interface DefinitionFile {
  readonly path: string;
  readonly text: string | undefined;
}

export interface DefinitionPlace {
  /** The folder named with --definitions; the search path of the machine when absent. */
  readonly definitionsFolder?: string;
  readonly component?: string;
}

const searchPaths = ["/etc", "/run", "/usr/local/lib", "/usr/lib"];
const wanted = /\.(?:transfer|conf|feature)$/;
const dropIns = /\.(?:transfer|conf|feature)\.d$/;
/** More files than any distribution has; beyond it this is not a folder of definitions. */
const maxFiles = 2000;

export function definitionFolders({ definitionsFolder, component }: DefinitionPlace): readonly string[] {
  if (definitionsFolder !== undefined) return [definitionsFolder];
  const name = component === undefined ? "sysupdate.d" : `sysupdate.${component}.d`;
  return searchPaths.map((path) => `${path}/${name}`);
}

/** Fault `no-definitions` (usage) where there is none. */
export async function readDefinitionFiles(disk: Disk, place: DefinitionPlace): Promise<readonly DefinitionFile[]> {
  const folders = definitionFolders(place);
  const files: DefinitionFile[] = [];
  for (const folder of folders) {
    for (const item of await listIfThere(disk, folder)) {
      const path = `${folder}/${item.name}`;
      if (item.kind === "folder" && dropIns.test(item.name)) {
        for (const { name } of await listIfThere(disk, path)) {
          if (name.endsWith(".conf")) files.push(await readOne(disk, `${path}/${name}`));
        }
      } else if (item.kind !== "folder" && wanted.test(item.name)) files.push(await readOne(disk, path));
      if (files.length > maxFiles) throw nothingToSimulate(`there are more than ${maxFiles} files in ${folder}`);
    }
  }
  if (!files.some(({ path }) => /\.(?:transfer|conf)$/.test(path)))
    throw nothingToSimulate(`there are no definitions in ${folders.join(", ")}`);
  return files;
}

function nothingToSimulate(state: string): Fault {
  return new Fault("no-definitions", `Cannot simulate: ${state}`, {
    hint: "Name the folder that holds your *.transfer files, for example --definitions=./sysupdate.d.",
    kind: "usage",
  });
}

async function readOne(disk: Disk, path: string): Promise<DefinitionFile> {
  const stat = await disk.stat(path);
  if (stat?.kind === "symlink" && (await disk.readLink(path)) === "/dev/null") return { path, text: undefined };
  return { path, text: (await readText(disk, path)) ?? "" };
}

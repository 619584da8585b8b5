// P6, looked at from outside: when the work is done, exactly the versions that stay are there, and nothing besides.
import { parseEntryName } from "../../format/entry-name.ts";
import type { SimWorld } from "../machine.ts";
import type { Truth } from "./truth.ts";

const state = "/var/lib/holdfast";
const lasting =
  /^(floor\.json|last-check\.json|journal\.jsonl|lock|manifests(\/.*)?|versions|quarantine|pins(\/.*)?|boot(\/.*)?|staging|components(\/.*)?)$/;

/** `kept`: the versions that are to be installed; `remains`: paths that may be there besides. */
export function nothingLeftOver(
  truth: Truth,
  world: SimWorld,
  kept: readonly string[],
  remains: readonly string[] = [],
): readonly string[] {
  const allowed = new Set(remains.map((path) => `P6: left over: ${path}`));
  return everythingElse(truth, world, kept).filter((problem) => !allowed.has(problem));
}

function everythingElse(truth: Truth, world: SimWorld, kept: readonly string[]): readonly string[] {
  const problems: string[] = [];
  const wanted = new Set(kept);
  for (const folder of truth.folders) {
    const expected = new Set(
      truth.builds
        .filter(({ version }) => wanted.has(version))
        .flatMap(({ parts }) => parts)
        .flatMap((part) => (part.kind !== "partition" && part.path.startsWith(`${folder}/`) ? [part.path] : [])),
    );
    for (const name of world.tree.namesIn(folder)) {
      const path = `${folder}/${name}`;
      if (path !== truth.link && !expected.has(path) && !truth.foreign.has(path))
        problems.push(`P6: left over: ${path}`);
    }
  }
  if (truth.esp !== undefined) problems.push(...onEsp(truth, world, truth.esp, wanted));
  for (const path of belowOf(world, state)) {
    const name = path.slice(state.length + 1);
    const version = /^(?:versions|quarantine)\/([^/]+)\.json$/.exec(name)?.[1];
    const keepsIt = version !== undefined && (wanted.has(version) || name.startsWith("quarantine/"));
    if (!keepsIt && !lasting.test(name)) problems.push(`P6: left over: ${path}`);
  }
  return problems;
}

function onEsp(truth: Truth, world: SimWorld, esp: string, wanted: ReadonlySet<string>): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  const parts = truth.builds.flatMap(({ version, parts }) => (wanted.has(version) ? parts : []));
  for (const folder of [`${esp}/EFI/Linux`, `${esp}/loader/entries`]) {
    for (const name of world.tree.namesIn(folder)) {
      const path = `${folder}/${name}`;
      // Foreign, or a folder with parts of a version that stays.
      if (truth.foreign.has(path)) continue;
      if (parts.some((part) => part.kind === "file" && part.path.startsWith(`${path}/`))) continue;
      const version = truth.versionOf(name);
      const id = parseEntryName(name)?.id ?? name;
      if (version === undefined || !wanted.has(version)) problems.push(`P6: left over: ${path}`);
      else if (seen.has(id)) problems.push(`P6: two names of one entry: ${path}`);
      seen.add(id);
    }
  }
  const own = (path: string): boolean => truth.folders.includes(path) || truth.foreign.has(path);
  for (const name of world.tree.namesIn(esp)) {
    if (!["EFI", "loader"].includes(name) && !own(`${esp}/${name}`)) problems.push(`P6: left over: ${esp}/${name}`);
  }
  return problems;
}

function belowOf(world: SimWorld, folder: string): readonly string[] {
  return world.tree.namesIn(folder).flatMap((name) => [`${folder}/${name}`, ...belowOf(world, `${folder}/${name}`)]);
}

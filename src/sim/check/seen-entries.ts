// The boot entries of the machine under test as the loader would show them, told apart by version and build.
import { espEntries, type FoundEntry } from "../boot/esp-entries.ts";
import type { SimWorld } from "../machine.ts";
import { type Build, lacks, type Truth } from "./truth.ts";

export interface SeenEntry {
  readonly found: FoundEntry;
  readonly version: string;
  /** The publication whose bytes it has; `undefined` when it has none's. */
  readonly build: Build | undefined;
}

/** Ours, without those that the loader passes over. */
export async function seenEntries(truth: Truth, world: SimWorld): Promise<readonly SeenEntry[]> {
  if (truth.esp === undefined) return [];
  const all = await espEntries(world.tree, { esp: truth.esp });
  return all.flatMap((found): readonly SeenEntry[] => {
    const version = truth.versionOf(found.entry.fileName);
    if (version === undefined || found.entry.loadable.kind === "ignored") return [];
    const { content } = found;
    const build = truth.builds.find(
      (item) => item.version === version && content !== undefined && item.entry?.equals(content) === true,
    );
    return [{ found, version, build }];
  });
}

/** What `entry` lacks to boot, in words. */
export function flawsOf(world: SimWorld, { found, build }: SeenEntry): readonly string[] {
  const { fileName } = found.entry;
  if (build === undefined) return [`${fileName} is not whole`];
  return lacks(world, build).map((lack) => `${fileName} needs what is not right: ${lack}`);
}

// P1, looked at from outside: every entry the loader would show is whole, and so is all it needs.
import type { SimWorld } from "../machine.ts";
import { flawsOf, seenEntries } from "./seen-entries.ts";
import { flawOf, type Truth } from "./truth.ts";

/** `spared`: versions that were broken before anything began. */
export async function noEntryWithoutImage(
  truth: Truth,
  world: SimWorld,
  spared: ReadonlySet<string>,
): Promise<readonly string[]> {
  if (truth.link !== undefined) return danglingLink(truth, world, truth.link);
  const entries = await seenEntries(truth, world);
  return entries
    .filter(({ version }) => !spared.has(version))
    .flatMap((entry) => flawsOf(world, entry).map((flaw) => `P1: ${flaw}`));
}

/** The link stands for an entry where there is none: what it names is whole. */
function danglingLink({ builds }: Truth, world: SimWorld, link: string): readonly string[] {
  if (world.tree.stamp(link) === undefined) return [];
  const whole = builds.some(({ parts }) =>
    parts.every((part) => part.kind === "tree" && flawOf(world, { ...part, path: link }) === undefined),
  );
  return whole ? [] : [`P1: ${link} leads to nothing whole`];
}

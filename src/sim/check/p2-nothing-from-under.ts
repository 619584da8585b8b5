// P2, looked at from outside: whatever an entry had at the start it still has, for as long as it is shown.
import type { SimWorld } from "../machine.ts";
import { seenEntries } from "./seen-entries.ts";
import { flawOf, nameOf, type Truth } from "./truth.ts";

/** `start` is the world before the work. */
export async function nothingTakenFromUnder(
  truth: Truth,
  start: SimWorld,
  world: SimWorld,
): Promise<readonly string[]> {
  const now = await seenEntries(truth, world);
  const before = await seenEntries(truth, start);
  return before.flatMap((entry) => {
    const still = now.some(({ found, build }) => found.entry.id === entry.found.entry.id && build === entry.build);
    if (!still) return [];
    const lost = entry.build?.parts.filter(
      (part) => flawOf(start, part) === undefined && flawOf(world, part) !== undefined,
    );
    return (lost ?? []).map((part) => `P2: ${nameOf(part)} was taken from under ${entry.found.entry.id}`);
  });
}

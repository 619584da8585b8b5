// How much memory a client needs for a delta: what it says here is held against what a machine may use.
import type { DeltaGroup } from "../../format/delta-file.ts";
import { groupSizes } from "../rebuild-group.ts";

/**
 * In bytes, for the dearest group: stored old bytes, the dictionary twice (zstd copies it), plain bytes twice, the section
 * twice, its output, the output of the group before, which is handed out meanwhile, and what the group behind is made of,
 * which is at hand.
 */
export function clientMemory(groups: readonly DeltaGroup[]): number {
  let most = 0;
  let before = 0;
  const made = groups.filter(({ section }) => section.length > 0);
  for (const [index, group] of made.entries()) {
    const { old, dictionary, plain, produced } = groupSizes(group);
    const next = made[index + 1];
    const behind = next === undefined ? 0 : groupSizes(next).old + next.section.length;
    most = Math.max(most, old + 2 * dictionary + 2 * plain + 2 * group.section.length + produced + before + behind);
    before = produced;
  }
  return most;
}

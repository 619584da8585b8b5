// P3, looked at from outside: the versions that must stay are there, whole, at any moment.
import type { SimWorld } from "../machine.ts";
import { seenEntries } from "./seen-entries.ts";
import { lacks, type Truth } from "./truth.ts";

/** Each of `kept` has all its parts, and an entry of its own bytes where it has an entry at all. */
export async function keptVersions(truth: Truth, world: SimWorld, kept: readonly string[]): Promise<readonly string[]> {
  const seen = await seenEntries(truth, world);
  return kept.flatMap((version) => {
    const builds = truth.builds.filter((build) => build.version === version);
    const whole = builds.some(
      (build) =>
        lacks(world, build).length === 0 &&
        (build.entry === undefined || seen.some((entry) => entry.version === version && entry.build === build)),
    );
    return whole ? [] : [`P3: version ${version} is to stay, and is not whole`];
  });
}

// P6 and P8, looked at from outside: power is back, and by itself an intact version comes up.
import { bless, bootOnce, type Start } from "../boot/boot-once.ts";
import type { FoundEntry } from "../boot/esp-entries.ts";
import type { SimWorld } from "../machine.ts";
import { flawOf, lacks, type Truth } from "./truth.ts";

/** What kernel and initrd make of it: a missing part makes the initrd reboot, a damaged one panics (panic=1). */
function startOf(truth: Truth, found: FoundEntry, world: SimWorld): Start {
  const version = truth.versionOf(found.entry.fileName);
  const { content } = found;
  const build = truth.builds.find(
    (item) => item.version === version && content !== undefined && item.entry?.equals(content) === true,
  );
  if (build === undefined) return "panic";
  const flaws = build.parts.map((part) => flawOf(world, part));
  if (flaws.includes("missing")) return "image-missing";
  return flaws.includes("damaged") ? "panic" : "up";
}

/**
 * Switches `world` on, and blesses what comes up. `limping`: versions that come up although a part of them is
 * damaged (nobody has read that block yet).
 */
export async function comesUp(truth: Truth, world: SimWorld, limping: ReadonlySet<string>): Promise<readonly string[]> {
  const { esp } = truth;
  if (esp === undefined) return [];
  const result = await bootOnce(world, {
    esp,
    imageMissing: "reboot",
    start: (found) => {
      const start = startOf(truth, found, world);
      return start === "panic" && limping.has(truth.versionOf(found.entry.fileName) ?? "") ? "up" : start;
    },
  });
  if (result.kind !== "up" || result.entry === undefined)
    return [`P6: the machine does not come up (${result.kind}: ${result.why}; tried ${result.tried.join(", ")})`];
  const version = truth.versionOf(result.entry.fileName) ?? "";
  const whole = truth.builds.some((build) => build.version === version && lacks(world, build).length === 0);
  if (!whole && !limping.has(version)) return [`P6: ${result.entry.fileName} came up, and is not intact`];
  world.variables.set("LoaderEntrySelected", bless(world, result.entry).fileName);
  world.tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`);
  return [];
}

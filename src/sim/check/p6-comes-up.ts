// P6 and P8, looked at from outside: power is back, and by itself an intact version comes up.
import { bless, bootOnce, type BootResult } from "../boot/boot-once.ts";
import type { SimWorld } from "../machine.ts";
import { type Habits, startOf } from "./starts.ts";
import { lacks, type Truth } from "./truth.ts";

/** Switches `world` on, and blesses what comes up. `limping` and `habits`: how the machine behaves with what is wrong. */
export async function comesUp(
  truth: Truth,
  world: SimWorld,
  limping: ReadonlySet<string>,
  habits: Omit<Habits, "limping"> = {},
): Promise<readonly string[]> {
  const { esp } = truth;
  if (esp === undefined) return [];
  const { problems, result } = await switchedOn(truth, world, esp, { ...habits, limping });
  if (result.entry !== undefined && problems.length === 0) bless(world, result.entry);
  return problems;
}

/** Switches `world` on; what comes up is not judged before the power goes again. */
export async function comesUpUnblessed(truth: Truth, world: SimWorld, habits: Habits): Promise<readonly string[]> {
  if (truth.esp === undefined) return [];
  return (await switchedOn(truth, world, truth.esp, habits)).problems;
}

async function switchedOn(
  truth: Truth,
  world: SimWorld,
  esp: string,
  habits: Habits,
): Promise<{ readonly result: BootResult; readonly problems: readonly string[] }> {
  const { limping, imageMissing = "reboot", loaderVersion, copies } = habits;
  const result = await bootOnce(world, {
    esp,
    imageMissing,
    ...(loaderVersion === undefined ? {} : { loaderVersion }),
    ...(copies === undefined ? {} : { copies }),
    start: (found, now) => startOf(truth, found, now, habits),
  });
  const { kind, entry, why, tried } = result;
  if (kind !== "up" || entry === undefined)
    return { result, problems: [`P6: the machine does not come up (${kind}: ${why}; tried ${tried.join(", ")})`] };
  const version = truth.versionOf(entry.fileName) ?? "";
  const whole = truth.builds.some((build) => build.version === version && lacks(world, build).length === 0);
  const problems = whole || limping.has(version) ? [] : [`P6: ${entry.fileName} came up, and is not intact`];
  world.tree.plant("/etc/os-release", `ID=demo\nIMAGE_ID=demo\nIMAGE_VERSION=${version}\n`);
  return { result, problems };
}

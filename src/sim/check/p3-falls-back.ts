// P3 and P8, looked at from outside: should every entry that is still on trial fail, the loader starts an intact version.
import { bootOnce } from "../boot/boot-once.ts";
import { espEntries } from "../boot/esp-entries.ts";
import type { SimWorld } from "../machine.ts";
import { type Habits, startOf } from "./starts.ts";
import type { Truth } from "./truth.ts";

/** What comes up once all counters are used up; nothing is changed in `world`. */
export async function fallsBack(truth: Truth, world: SimWorld, habits: Habits): Promise<readonly string[]> {
  const { esp } = truth;
  if (esp === undefined) return [];
  const all = await espEntries(world.tree, { esp });
  const onTrial = new Set(all.flatMap(({ entry }) => ((entry.tries?.left ?? 0) > 0 ? [entry.id] : [])));
  const result = await bootOnce(world.fork(), {
    esp,
    imageMissing: habits.imageMissing ?? "reboot",
    ...(habits.loaderVersion === undefined ? {} : { loaderVersion: habits.loaderVersion }),
    start: (found, now) => {
      // A name without a counter beside one with: it was found good.
      const fails = found.entry.tries !== undefined && onTrial.has(found.entry.id);
      return fails ? "panic" : startOf(truth, found, now, habits);
    },
  });
  if (result.kind === "up") return [];
  return [`P3: with every try used up nothing comes up (${result.why}; tried ${result.tried.join(", ")})`];
}

// Sessions on simulated machines, for tests of single parts of the agent.
import type { Session, Settings } from "../../agent/session.ts";
import type { Content } from "../disk/content.ts";
import type { PlannedFault } from "../fault-plan.ts";
import { type SimRun, SimWorld, type SimWorldOptions } from "../machine.ts";

export interface SampleSession extends SimRun {
  readonly session: Session;
  readonly abort: () => void;
}

/** A run of one program on `world`. */
export function sessionOn(
  world: SimWorld,
  settings: Partial<Settings> = {},
  faults: readonly PlannedFault[] = [],
): SampleSession {
  const run = world.run(faults);
  const controller = new AbortController();
  const session = { machine: run.machine, settings: { live: true, ...settings }, signal: controller.signal };
  return { ...run, session, abort: () => controller.abort() };
}

/** A root file system and an ESP with nothing on them but `files`; a content `->TARGET` makes a link. */
export function bareWorld(
  files: Readonly<Record<string, Content | Uint8Array | string>> = {},
  options: Partial<SimWorldOptions> = {},
): SimWorld {
  const world = new SimWorld({
    seed: 1,
    fileSystems: [
      { mountPoint: "/", type: "ext4", sizeBytes: 1e8 },
      { mountPoint: "/efi", type: "vfat", sizeBytes: 1e7 },
    ],
    ...options,
  });
  for (const [path, content] of Object.entries(files)) {
    if (typeof content === "string" && content.startsWith("->")) world.tree.plantLink(path, content.slice(2));
    else world.tree.plant(path, content);
  }
  return world;
}

/** What a crash at this moment could decide; nothing where everything is flushed. What is in /run ends with the boot anyway. */
export function undecided(world: SimWorld): readonly string[] {
  return world
    .crashDimensions()
    .flatMap(({ what, options }) => (options.length > 1 && !what.includes(" /run/") ? [what] : []));
}

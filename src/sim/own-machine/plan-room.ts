// Plans the updates on a machine of true size: the room they need on each file system, and whether the definitions are
// taken at all. Nothing is downloaded.
import { Fault } from "../../base/fault.ts";
import type { Lab } from "./lab.ts";
import type { RoomLine } from "./report.ts";

export interface RoomPlan {
  readonly lines: readonly RoomLine[];
  /** The update would be refused, because something does not fit. */
  readonly lack: Fault | undefined;
}

/** Refusals that another disk would lift; with all others the definitions themselves are at fault. */
const aboutRoom = new Set(["no-space", "no-free-slot", "way-back-would-be-lost", "partition-too-small"]);

/** From `installed` (the last one runs) to `target`. Throws the Fault of definitions that are refused. */
export async function planRoom(lab: Lab, installed: readonly string[], target: string): Promise<RoomPlan> {
  const { world } = lab.real(installed, [...installed, target]);
  const update = `${installed.at(-1) ?? "nothing"} to ${target}`;
  try {
    const report = await lab.options.commands.plan(world.run().machine);
    const download = report.steps.findIndex(({ kind }) => kind === "acquire");
    const removedBefore = report.steps
      .slice(0, Math.max(0, download))
      .flatMap(({ kind, title }) => (kind === "clear" ? [title] : []));
    const lines = report.space.map(({ mountPoint, availableBytes, peakBytes }) => ({
      update,
      mountPoint,
      freeBytes: availableBytes,
      peakBytes,
      removedBefore,
    }));
    return { lines, lack: undefined };
  } catch (error) {
    if (error instanceof Fault && aboutRoom.has(error.code)) return { lines: [], lack: error };
    throw error;
  }
}

// A tree that is no machine is refused before anything is made in it: `--root` may name the wrong folder.
import { Fault } from "../../base/fault.ts";
import type { Session } from "../session.ts";

export type MachineFaultCode = "no-machine";

export async function demandMachine({ machine, settings }: Session): Promise<void> {
  if (settings.live || settings.definitionsFolder !== undefined) return;
  for (const folder of ["/etc", "/usr"]) if ((await machine.disk.resolve(folder)) !== undefined) return;
  throw new Fault<MachineFaultCode>(
    "no-machine",
    "Cannot use the folder of --root: it has neither /etc nor /usr, so it is no machine's root",
    { hint: "Name the folder that has /etc and /usr of the machine, for example --root=/mnt.", kind: "usage" },
  );
}

/** For hints about folders that are not there: the one that is meant may lie outside. */
export function insideRoot({ settings }: Session): string {
  return settings.live ? "" : " With --root, every folder is looked for below that one.";
}

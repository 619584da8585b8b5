// Everything that the boots are made of, or why there can be none here.
import { delimiter } from "node:path";
import { machineParts, nextSystemdBoot, NoGuest } from "../../tools/lab/machine/parts.ts";
import type { Scene } from "./boot-case.ts";
import { bootRelease } from "./releases.ts";

const programs = ["mkfs.erofs", "ukify", "sfdisk", "mkfs.fat", "mcopy", "mdir", "mmd", "mdel", "mren"];

/** `full`: also what only the whole run needs. */
export async function bootScene(full: boolean, say: (line: string) => void): Promise<Scene | NoGuest> {
  try {
    const parts = await machineParts(say, programs);
    process.env["PATH"] = `${parts.tools.binFolder}${delimiter}${process.env["PATH"] ?? ""}`;
    const releases = {
      "1": await bootRelease({ version: "1", say }),
      "2": await bootRelease({ version: "2", say }),
      "3": await bootRelease({ version: "3", say }),
    };
    return { parts, releases, loaders: { 257: parts.systemdBoot, 262: full ? await nextSystemdBoot(say) : "" } };
  } catch (error) {
    if (error instanceof NoGuest) return error;
    throw error;
  }
}

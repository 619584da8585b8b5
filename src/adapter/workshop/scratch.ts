// The scratch folder of a build, in the folder of its output. What a killed build left is removed by the next one.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Fault } from "../../base/fault.ts";

const prefix = ".holdfast-build-";

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Makes the output folder where there is none. */
export async function openScratch(output: string): Promise<string> {
  try {
    await mkdir(output, { recursive: true });
    for (const name of await readdir(output)) {
      if (!name.startsWith(prefix)) continue;
      const pid = Number(name.slice(prefix.length));
      if (!Number.isSafeInteger(pid) || pid === process.pid || !isAlive(pid))
        await rm(join(output, name), { recursive: true, force: true });
    }
    const scratch = join(output, `${prefix}${process.pid}`);
    await mkdir(scratch);
    return scratch;
  } catch (error) {
    const state = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Fault("cannot-build", `Cannot build into ${output}: ${state}`, {
      hint: "Name another folder with --output.",
      cause: error,
    });
  }
}

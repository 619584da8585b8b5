// The scratch folder of a build, in the folder of its output. What a killed build left is removed by the next one.
import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
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

export interface Scratch extends AsyncDisposable {
  readonly folder: string;
}

/** Makes the output folder where there is none; with nothing put into it, it goes again. */
export async function openScratch(output: string): Promise<Scratch> {
  try {
    const made = await mkdir(output, { recursive: true });
    for (const name of await readdir(output)) {
      if (!name.startsWith(prefix)) continue;
      const pid = Number(name.slice(prefix.length));
      if (!Number.isSafeInteger(pid) || pid === process.pid || !isAlive(pid))
        await rm(join(output, name), { recursive: true, force: true });
    }
    const folder = join(output, `${prefix}${process.pid}`);
    await mkdir(folder);
    return {
      folder,
      async [Symbol.asyncDispose]() {
        await rm(folder, { recursive: true, force: true });
        if (made !== undefined) await rmdir(output).catch(() => undefined);
      },
    };
  } catch (error) {
    const state = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new Fault("cannot-build", `Cannot build into ${output}: ${state}`, {
      hint: "Name another folder with --output.",
      cause: error,
    });
  }
}

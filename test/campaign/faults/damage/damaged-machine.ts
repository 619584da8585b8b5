// A machine that Holdfast has worked on, copied for each trial: 1 came with it, 2 was installed by Holdfast and runs, 3 is
// on offer and half here.
import { execFile } from "node:child_process";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { type LabMachine, machineAt } from "../../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../../tools/lab/release.ts";
import { osRelease } from "../../../../tools/lab/small-release.ts";
import type { Scene, World } from "../../../e2e/world.ts";
import { asDistributionsDo } from "../layout.ts";
import type { Releases } from "../server-faults/resource.ts";

const run = promisify(execFile);

export interface DamagedMachine extends AsyncDisposable {
  readonly releases: readonly LabRelease[];
  /** What there is to damage, relative to the root: instances, staged files, files of state. */
  readonly files: readonly string[];
  /** The machine once more; the caller removes it. */
  copy(): Promise<LabMachine>;
}

export async function makeDamagedMachine(world: World, { installed, target }: Releases): Promise<DamagedMachine> {
  const [one, two] = installed;
  const scene = await world.scene({ offered: [one, two], installed: [one], index: true });
  const { machine } = scene;
  await asDistributionsDo(machine);
  await scene.expect(0, ["update"]);
  await rename(join(machine.entries, "os_2+3-0.efi"), join(machine.entries, "os_2.efi"));
  await writeFile(join(machine.root, "usr/lib/os-release"), osRelease("os", "2"));
  await scene.repository.publish(target);
  await leavePartials(scene);
  let copies = 0;
  return {
    releases: [one, two, target],
    files: await damageable(machine),
    copy: async () => {
      const root = join(scene.folder, `copy-${++copies}`);
      await run("cp", ["-a", machine.root, root]);
      return machineAt(root);
    },
    [Symbol.asyncDispose]: async () => scene[Symbol.asyncDispose](),
  };
}

/** Index and image are here whole, of the UKI a part; nothing is installed. */
async function leavePartials(scene: Scene): Promise<void> {
  const path = "/os_3.efi";
  scene.server.misbehave({ path, cutAfterBytes: 9000, times: 1 }, { path, status: 404, from: 2 });
  await scene.expect(1, ["update"]);
  scene.server.heal();
}

async function damageable(machine: LabMachine): Promise<readonly string[]> {
  const folders = [machine.system, machine.entries, join(machine.root, "var/lib/holdfast")];
  const found = await Promise.all(
    folders.map(async (folder) => readdir(folder, { withFileTypes: true, recursive: true })),
  );
  return found
    .flat()
    .filter((item) => item.isFile())
    .map((item) => relative(machine.root, join(item.parentPath, item.name)))
    .toSorted();
}

export async function discard({ root }: LabMachine): Promise<void> {
  await rm(root, { recursive: true, force: true });
}

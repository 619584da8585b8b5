// A machine whose every file of state there is, small enough to be made anew for each of thousands of cuts.
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { type LabMachine, machineAt } from "../../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../../tools/lab/release.ts";
import { osRelease } from "../../../../tools/lab/small-release.ts";
import { canMount, Mount } from "../../../e2e/mounts.ts";
import type { World } from "../../../e2e/world.ts";

export interface StateMachine extends AsyncDisposable {
  readonly releases: readonly LabRelease[];
  /** State files, relative to the root, with what is in them. */
  readonly files: ReadonlyMap<string, Buffer>;
  /** The machine once more, in a place that is used again for each lane. */
  fresh(lane: number): Promise<LabMachine>;
}

const workBytes = 64 << 20;

/** 1 came with the machine and is pinned, 2 was installed by Holdfast and runs, 3 is offered by a folder beside it. */
export async function makeStateMachine(world: World): Promise<StateMachine> {
  const sizes = { index: true, imageBytes: 4096, kernelBytes: 512 };
  const releases = await world.releases(["1", "2", "3"], sizes);
  const [one, two, three] = releases;
  const scene = await world.scene({
    offered: [one, two],
    installed: [one],
    index: true,
    source: "/srv/repository",
    sourceType: "regular-file",
  });
  const { machine } = scene;
  const share = async (): Promise<void> =>
    cp(scene.repository.folder, join(machine.root, "srv/repository"), { recursive: true });
  await share();
  await scene.expect(0, ["update"]);
  await rename(join(machine.entries, "os_2+3-0.efi"), join(machine.entries, "os_2.efi"));
  await writeFile(join(machine.root, "usr/lib/os-release"), osRelease("os", "2"));
  for (const args of [["pin", "1"], ["hold", "7d"], ["hold", "--off"], ["vacuum"]]) await scene.expect(0, args);
  await scene.repository.publish(three);
  await share();
  await scene.expect(0, ["check"]);
  await scene[Symbol.asyncDispose]();
  const work = join(world.folder, "lanes");
  await mkdir(work);
  const mount = canMount ? await Mount.tmpfs(work, workBytes) : undefined;
  return {
    releases,
    files: await stateFiles(machine.root),
    fresh: async (lane) => {
      const root = join(work, String(lane));
      await rm(root, { recursive: true, force: true });
      await cp(machine.root, root, { recursive: true, preserveTimestamps: true });
      return machineAt(root);
    },
    [Symbol.asyncDispose]: async () => mount?.[Symbol.asyncDispose](),
  };
}

async function stateFiles(root: string): Promise<ReadonlyMap<string, Buffer>> {
  const found = await readdir(join(root, "var/lib/holdfast"), { withFileTypes: true, recursive: true });
  const paths = found.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
  const read = paths.toSorted().map(async (path) => [relative(root, path), await readFile(path)] as const);
  return new Map(await Promise.all(read));
}

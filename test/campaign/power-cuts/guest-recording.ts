// Records what a guest writes to its disk, ESP and system together, while bin/holdfast updates there on the kernel's vfat
// and ext4: one start of a guest for all that is recorded, a disk for each.
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { GuestIngredients } from "../../../tools/lab/guest/ingredients.ts";
import { type JobFile, makeJob } from "../../../tools/lab/guest/job.ts";
import { machineDisk, makeMachineDisk } from "../../../tools/lab/guest/machine-disk.ts";
import { runGuest } from "../../../tools/lab/guest/run-guest.ts";
import { makeMachine } from "../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../tools/lab/release.ts";
import { Repository } from "../../../tools/lab/repository.ts";
import type { SigningKey } from "../../../tools/lab/signing.ts";
import type { Releases, VersionName } from "../kills/operations.ts";
import { judgeEsp } from "./esp-judge.ts";
import { copySparse } from "./replay.ts";
import { naiveScript } from "./updaters.ts";

const run = promisify(execFile);

export interface GuestOperation {
  /** For files, and as the disk's serial number. */
  readonly id: string;
  readonly name: string;
  readonly updater: string;
  /** In the guest's shell, the machine mounted at \`/\`. */
  readonly command: string;
  readonly offered: readonly VersionName[];
  readonly installed: readonly VersionName[];
  readonly survives: readonly VersionName[];
}

export const guestOperations: readonly GuestOperation[] = [
  {
    id: "up12",
    name: "update 1 to 2",
    updater: "Holdfast",
    command: "holdfast update",
    offered: ["1", "2"],
    installed: ["1"],
    survives: ["1"],
  },
  {
    id: "up23",
    name: "update 2 to 3, 1 goes",
    updater: "Holdfast",
    command: "holdfast update",
    offered: ["1", "2", "3"],
    installed: ["1", "2"],
    survives: ["2"],
  },
  {
    id: "back",
    name: "rollback",
    updater: "Holdfast",
    command: "holdfast rollback 1",
    offered: ["1", "2"],
    installed: ["1", "2"],
    survives: ["1", "2"],
  },
  {
    id: "naive",
    name: "update 1 to 2",
    updater: "a script with one sync",
    command: `sh -c '${naiveScript}' sh /opt/holdfast/job/repository-1-2 /efi /system`,
    offered: ["1", "2"],
    installed: ["1"],
    survives: ["1"],
  },
];

export interface GuestScene {
  readonly folder: string;
  readonly ingredients: GuestIngredients;
  readonly releases: Releases;
  readonly key: SigningKey;
  /** What else a machine has before it begins: its root is a folder, with the ESP in `efi`. */
  readonly prepare?: (root: string) => Promise<void>;
}

export interface GuestRecording {
  readonly operation: GuestOperation;
  /** The disk before it began. */
  readonly base: string;
  readonly log: string;
}

/** Seconds that it took, and what there is to replay. */
export async function recordInGuest(
  scene: GuestScene,
  chosen: readonly GuestOperation[],
): Promise<{ readonly recordings: readonly GuestRecording[]; readonly seconds: number }> {
  const recordings: GuestRecording[] = [];
  const disks: { readonly image: string; readonly serial: string; readonly log: string }[] = [];
  for (const operation of chosen) {
    const base = join(scene.folder, `${operation.id}.base`);
    const image = join(scene.folder, `${operation.id}.disk`);
    const log = join(scene.folder, `${operation.id}.log`);
    await makeBase(scene, operation, base);
    await copySparse(base, image);
    await writeFile(log, "");
    recordings.push({ operation, base, log });
    disks.push({ image, serial: operation.id, log });
  }
  const script = chosen.map(({ id, command }) => `machine ${id} ${command} </dev/null`).join("\n");
  const { console, seconds } = await guestRun(scene, script, chosen, disks);
  for (const { id, name } of chosen)
    if (!console.includes(`guest: ${id} ended with 0\n`))
      throw new Error(`${name} failed in the guest:\n${tail(console)}`);
  for (const { image } of disks) await rm(image);
  return { recordings, seconds };
}

/** Gives the next plain update to disks that a power cut left, in a guest, and judges what it left. The disks are changed. */
export async function updateInGuest(
  scene: GuestScene,
  operation: GuestOperation,
  disks: readonly { readonly image: string }[],
): Promise<readonly { readonly code: number | undefined; readonly problems: readonly string[] }[]> {
  const named = disks.map(({ image }, index) => ({ image, serial: `state${index}` }));
  const script = named.map(
    ({ serial }) => `echo "guest: begin ${serial}"\nmachine ${serial} holdfast update </dev/null`,
  );
  const { console } = await guestRun(scene, script.join("\n"), [operation], named);
  const results = named.map(async ({ image, serial }) => {
    const told = console.split(`guest: begin ${serial}\n`)[1]?.split("guest: begin ")[0] ?? "";
    const found = new RegExp(`^guest: ${serial} ended with (\\d+)$`, "m").exec(told)?.[1];
    const code = found === undefined ? undefined : Number(found);
    const problems = code === 0 || code === 3 ? [] : [`the next update ended with ${code}:\n${tail(told)}`];
    return { code, problems: [...problems, ...(await wrongOn(scene, operation, image))] };
  });
  return Promise.all(results);
}

/** What is wrong once all is done: broken names, the way back, names that are nobody's. */
async function wrongOn({ releases }: GuestScene, operation: GuestOperation, image: string): Promise<readonly string[]> {
  const scratch = `${image}.look`;
  await mkdir(join(scratch, "mounted"), { recursive: true });
  const { offset, bytes } = machineDisk.root;
  const mounted = join(scratch, "mounted");
  await run("mount", ["-o", `loop,ro,offset=${offset},sizelimit=${bytes}`, image, mounted]);
  try {
    const view = await judgeEsp(
      image,
      machineDisk.esp.offset,
      join(mounted, "system"),
      Object.values(releases),
      scratch,
    );
    const hidden = view.names.filter((name) => name.startsWith("."));
    return [
      ...[...view.broken, ...view.dead].map((text) => `in the end ${text}`),
      ...operation.survives
        .filter((version) => !view.bootable.includes(version))
        .map((version) => `in the end version ${version} does not boot`),
      ...hidden.map((name) => `in the end ${name} is left over`),
    ];
  } finally {
    await run("umount", [mounted]);
    await rm(scratch, { recursive: true });
  }
}

const tail = (text: string): string => text.trim().split("\n").slice(-25).join("\n");

async function guestRun(
  scene: GuestScene,
  script: string,
  chosen: readonly GuestOperation[],
  disks: readonly { readonly image: string; readonly serial: string; readonly log?: string }[],
): Promise<{ readonly console: string; readonly seconds: number }> {
  const job = join(scene.folder, "job.tar");
  const files: JobFile[] = [];
  for (const offered of new Map(chosen.map((one) => [one.offered.join("-"), one.offered])).values())
    files.push(...(await repositoryFiles(scene, offered)));
  await makeJob(job, script, files);
  // Under emulation, on a machine that does other things too: what hangs is told from what is slow by hours.
  const secondsMax = 1800 + 300 * disks.length;
  const { console, seconds, hung } = await runGuest(scene.ingredients, {
    disks,
    job,
    start: { kind: "kernel" },
    secondsMax,
  });
  await rm(job);
  if (hung) throw new Error(`The guest did not end within ${secondsMax} s:\n${tail(console)}`);
  return { console, seconds };
}

async function makeBase(
  { folder, releases, key, prepare }: GuestScene,
  operation: GuestOperation,
  image: string,
): Promise<void> {
  const root = join(folder, "tree");
  const source = `file:///opt/holdfast/job/repository-${operation.offered.join("-")}`;
  const installed = operation.installed.map((version) => releases[version]);
  await makeMachine(root, { source, installed, keyring: key.publicKeyring, index: true });
  await prepare?.(root);
  await makeMachineDisk(image, root);
  await rm(root, { recursive: true });
}

async function repositoryFiles(
  { folder, releases, key }: GuestScene,
  offered: readonly VersionName[],
): Promise<readonly JobFile[]> {
  const name = `repository-${offered.join("-")}`;
  const place = join(folder, name);
  const published: readonly LabRelease[] = offered.map((version) => releases[version]);
  await (await Repository.create(place, { key })).publish(...published);
  const files = await readdir(place);
  return Promise.all(
    files.map(async (file) => ({ path: `${name}/${file}`, bytes: await readFile(join(place, file)) })),
  );
}

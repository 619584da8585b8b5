// Power cuts on file systems of the host: every operation on ext4 and btrfs, some of them side by side.
import { join } from "node:path";
import { FaultServer } from "../../../tools/lab/fault-server.ts";
import { Repository } from "../../../tools/lab/repository.ts";
import { allOf } from "../faults/all-of.ts";
import { type FileSystem, fileSystems, whyNotMountable } from "../kills/loop-disk.ts";
import { type Operation, operations } from "../kills/operations.ts";
import { runMachineCourse } from "./machine-course.ts";
import { whyNotRecordable } from "./recording.ts";
import { type PowerCutOptions, rowLine, type Scene } from "./scene.ts";
import type { Row } from "./tally.ts";
import { holdfastUpdater, naiveUpdater, type Updater } from "./updaters.ts";

const operationNames = ["update 1 to 2", "update 2 to 3, 1 goes", "rollback", "repair of an image"];
/** Each holds a disk of its own; more of them than processors, because mounting waits. */
const coursesAtOnce = 6;

interface HostCourse {
  readonly operation: Operation;
  readonly updater: Updater;
  readonly kind: FileSystem;
  readonly source: string;
}

/** Rows in the order of the operations. What another updater cannot do here is told in `notTried`. */
export async function cutOnHost(scene: Scene, options: PowerCutOptions, notTried: string[]): Promise<readonly Row[]> {
  const unrecordable = await whyNotRecordable(scene.folder);
  if (unrecordable !== undefined) {
    notTried.push(`power cuts on the host: ${unrecordable}`);
    return [];
  }
  const kinds: FileSystem[] = [];
  for (const kind of fileSystems) {
    const why = await whyNotMountable(kind, scene.folder);
    if (why === undefined) kinds.push(kind);
    else notTried.push(why);
  }
  await using servers = new AsyncDisposableStack();
  const courses: HostCourse[] = [];
  const wanted = options.hostOperations ?? operationNames;
  for (const [index, operation] of operations.filter(({ name }) => wanted.includes(name)).entries()) {
    const repository = await Repository.create(join(scene.folder, `host-repository-${index}`), { key: scene.key });
    await repository.publish(...operation.offered.map((version) => scene.releases[version]));
    const server = servers.use(await FaultServer.start(repository.folder, {}));
    const updaters = [holdfastUpdater];
    if (options.otherStates > 0 && operation.args[0] === "update") updaters.push(...options.others);
    // The script knows how to do one thing.
    if (options.otherStates > 0 && operation.name === "update 1 to 2") updaters.push(naiveUpdater(repository.folder));
    for (const updater of updaters)
      for (const kind of kinds) courses.push({ operation, updater, kind, source: server.url });
  }
  const rows = await allOf(courses, coursesAtOnce, async (course, index) => {
    const row = await cutOne(scene, options, course, index).catch((error: Error) => {
      if (course.updater === holdfastUpdater) throw error;
      const lines = error.message.trim().split("\n");
      notTried.push(
        `${course.updater.title}, ${course.operation.name} on ${course.kind}: ${lines.slice(0, 3).join(" ")}`,
      );
      return undefined;
    });
    if (row !== undefined) options.say?.(rowLine(row));
    return row;
  });
  return rows.filter((row) => row !== undefined);
}

async function cutOne(
  { folder, releases, key }: Scene,
  { seed, hostStates, otherStates }: PowerCutOptions,
  course: HostCourse,
  index: number,
): Promise<Row> {
  const isOurs = course.updater === holdfastUpdater;
  // What a rollback begins with is what an update left: both installed, the newer one first.
  const { startsAfter: _, ...operation } = course.operation;
  const installed = operation.name === "rollback" ? (["1", "2"] as const) : operation.installed;
  return runMachineCourse({
    ...course,
    operation: { ...operation, installed },
    releases,
    key,
    seed: seed + index,
    finishes: isOurs,
    folder: join(folder, `course-${index}`),
    states: isOurs ? hostStates : otherStates,
  });
}

// `repo diff`: what an update from one release to another costs, by each way a client could take, and what would make it cheaper.
import { Fault } from "../base/fault.ts";
import { parseVersion } from "../base/ids.ts";
import { type DeltaReport, makeDelta } from "../delta/make-delta.ts";
import type { ReleaseManifest, ReleaseResource } from "../format/release-files.ts";
import { readerOf } from "../port/file-reader.ts";
import type { RepoDiffReport } from "../wire/repository-reports.ts";
import { adviceFor, type ImageHabits, imageHabits } from "./advice.ts";
import { chunkCost, idsOf } from "./chunk-cost.ts";
import type { Publisher } from "./publisher.ts";
import { readIndex } from "./published.ts";
import { readReleaseManifest } from "./read-manifest.ts";
import { sameResource } from "./release-names.ts";
import { readSettings } from "./settings.ts";
import { Steps } from "./steps.ts";
import { unlessTooLarge } from "./unless-too-large.ts";

export type DiffFaultCode = "no-such-release";

type ResourceDiff = RepoDiffReport["resources"][number];

const filesShown = 20;
/** The head and what follows it. */
const deltaRequests = 2;

/** Faults: `no-such-release`, those of the repository. */
export async function diffReleases(
  publisher: Publisher,
  from: string,
  to: string,
  make: typeof makeDelta = makeDelta,
): Promise<RepoDiffReport> {
  const [old, target] = [await manifestOf(publisher, from), await manifestOf(publisher, to)];
  const steps = new Steps(publisher.machine.progress, target.resources.length);
  const seeds = await idsOf(publisher, old);
  const resources: ResourceDiff[] = [];
  const files: DeltaReport["files"][number][] = [];
  const habits: ImageHabits[] = [];
  for (const resource of target.resources) {
    steps.begin(`Comparing ${resource.name}`, resource.sizeBytes);
    const before = old.resources.find(({ name }) => sameResource(name, old.version, resource.name, target.version));
    const made = before === undefined ? undefined : await compare(publisher, before, resource, steps, make);
    const published = target.deltas.find(
      (delta) => delta.resource === resource.name && delta.from.sha256 === before?.content.sha256,
    );
    const bytes = published?.sizeBytes ?? made?.sizeBytes;
    resources.push({
      name: resource.name,
      fromName: before?.name,
      wholeBytes: resource.sizeBytes,
      chunks: await chunkCost(publisher, resource, seeds),
      delta: bytes === undefined ? undefined : { bytes, requests: deltaRequests, published: published !== undefined },
      unreproducedBytes: made?.report.unreproducedBytes ?? 0,
    });
    files.push(...(made?.report.files ?? []));
    habits.push(await habitsOf(publisher, resource));
  }
  steps.end();
  return {
    folder: publisher.folder,
    from: old.version,
    to: target.version,
    resources,
    bestBytes: resources.reduce((sum, one) => sum + cheapest(one), 0),
    files: files.toSorted((a, b) => b.deltaBytes - a.deltaBytes).slice(0, filesShown),
    advice: adviceFor(resources, habits),
  };
}

const cheapest = ({ wholeBytes, chunks, delta }: ResourceDiff): number =>
  Math.min(wholeBytes, chunks?.bytes ?? wholeBytes, delta?.bytes ?? wholeBytes);

async function manifestOf(publisher: Publisher, text: string): Promise<ReleaseManifest> {
  const version = parseVersion(text);
  const { releases } = await readIndex(publisher, await readSettings(publisher));
  const release = releases.find((one) => one.version === version);
  if (release !== undefined) return readReleaseManifest(publisher, release);
  throw new Fault<DiffFaultCode>(
    "no-such-release",
    `Cannot compare ${version}: ${publisher.folder} has no such release`,
    {
      hint:
        releases.length === 0
          ? "Nothing is published in it."
          : `There are: ${releases.map((one) => one.version).join(", ")}.`,
    },
  );
}

/** `undefined` where no delta is made: clients have no such old file, or would not take it. */
async function compare(
  publisher: Publisher,
  old: ReleaseResource,
  target: ReleaseResource,
  steps: Steps,
  make: typeof makeDelta,
): Promise<{ readonly sizeBytes: number; readonly report: DeltaReport } | undefined> {
  if (old.content.sha256 !== old.sha256) return undefined;
  const { disk } = publisher.machine;
  await using oldFile = await disk.open(`${publisher.folder}/${old.name}`, "read");
  await using targetFile = await disk.open(`${publisher.folder}/${target.name}`, "read");
  return await unlessTooLarge(publisher, `${target.name} from ${old.name}`, () =>
    make({
      old: oldFile,
      target: targetFile,
      write: async () => {},
      onProgress: (done, total) => {
        publisher.signal.throwIfAborted();
        steps.at(Math.floor((done / total) * target.sizeBytes));
      },
    }),
  );
}

async function habitsOf(publisher: Publisher, { name }: ReleaseResource): Promise<ImageHabits> {
  await using file = await publisher.machine.disk.open(`${publisher.folder}/${name}`, "read");
  return await imageHabits(name, await readerOf(file));
}

// Part of the campaign: file systems that are full, fill up, run out of inodes or turn read-only, at every step (issue 3).
import { World } from "../../../e2e/world.ts";
import type { Findings, Headline, Part, PartOptions, Table } from "../../part.ts";
import { findPeers, holdfastSubject, type SubjectName } from "../../peers/peer.ts";
import { makeReleases } from "../server-faults/resource.ts";
import { type DiskKind, diskKinds, whyNoSmallDisk } from "./small-disk.ts";
import { problemsOf, type Squeezed, type SqueezeRequest } from "./squeeze.ts";
import { peerSweepOf, runSweep, sweepOf, updateMs } from "./sweep.ts";

export const part: Part = {
  name: "full-disks",
  title: "Disks that are full, fill up, have no inodes, or turn read-only",
  tools: ["mkfs.ext4", "mkfs.btrfs"],
  run,
};

interface Shown {
  readonly requests: readonly SqueezeRequest[];
  readonly results: readonly Squeezed[];
}

const lanes = 3;
/** Three times what the version has that gives room to it. */
const targetImageBytes = 600_000;
const valuesAtFullScale = 30;

async function run({ scale, say }: PartOptions): Promise<Findings> {
  await using world = await World.create();
  const notTried: string[] = [];
  const disks: DiskKind[] = [];
  for (const kind of diskKinds) {
    const why = await whyNoSmallDisk(kind, world.folder);
    if (why === undefined) disks.push(kind);
    else notTried.push(why);
  }
  const releases = await makeReleases(world, targetImageBytes);
  const found = await findPeers(say);
  const shown = new Map<SubjectName, Shown>();
  for (const subject of [holdfastSubject, ...found.peers]) {
    const common = { subject, world, releases, ms: await updateMs({ subject, world, releases }) };
    const count = Math.max(2, Math.round(valuesAtFullScale * scale));
    const requests =
      subject.name === "holdfast"
        ? sweepOf(common, disks, count)
        : disks.includes("ext4")
          ? peerSweepOf(common, Math.max(2, Math.round(count / 4)))
          : [];
    say(`${subject.title}: ${requests.length} squeezes`);
    const results = await runSweep(requests, lanes, (done) => done % 100 === 0 && say(`${done} done`));
    shown.set(subject.name, { requests, results });
  }
  const own = shown.get("holdfast")?.results ?? [];
  return {
    headlines: headlines(shown, own),
    told:
      `Version 3 is offered to a machine with 1 and 2 whose images, boot entries or state lie on a real ext4 or btrfs of ` +
      `their own. So many bytes are free, from none to more than an update needs; or the same with a server that tells no ` +
      `lengths, so that nothing can be foreseen; or so many inodes; or another writer takes all that is free in the ` +
      `middle; or the file system is made read-only in the middle. Then there is room again, and the next plain ` +
      `\`update\` has to finish. ${own.length} squeezes of update, rollback and repair.`,
    tables: [table(shown)],
    wrong: own.flatMap(problemsOf),
    notTried: [
      ...notTried,
      ...found.notTried,
      "a full ESP on FAT itself: the kernel here has no vfat; ext4 stood for it",
    ],
  };
}

function headlines(shown: ReadonlyMap<SubjectName, Shown>, own: readonly Squeezed[]): readonly Headline[] {
  const line = (question: string, of: (results: readonly Squeezed[]) => string, kept: boolean): Headline => {
    const [older, newer] = [shown.get("sysupdate257")?.results, shown.get("sysupdate262")?.results];
    return {
      question,
      holdfast: of(own),
      kept,
      ...(older === undefined ? {} : { sysupdate257: of(older) }),
      ...(newer === undefined ? {} : { sysupdate262: of(newer) }),
    };
  };
  const failed = (results: readonly Squeezed[]): readonly Squeezed[] => results.filter(({ done }) => !done);
  const share = (results: readonly Squeezed[], test: (one: Squeezed) => boolean): string =>
    `${results.filter(test).length} of ${results.length}`;
  return [
    line(
      "full disks after which the next plain update, with room, finishes",
      (results) => share(results, ({ healed }) => healed),
      own.every(({ healed }) => healed),
    ),
    line(
      "updates failed for want of room that cost the fallback",
      (results) => share(failed(results), ({ fallbackLost }) => fallbackLost),
      !own.some(({ fallbackLost }) => fallbackLost),
    ),
    line(
      "full disks that leave a BROKEN entry",
      (results) => share(results, ({ broken }) => broken.length > 0),
      own.every(({ broken }) => broken.length === 0),
    ),
    line(
      "want of room that is named with its numbers before anything is fetched or deleted",
      (results) => share(failed(results), ({ output }) => / needs [\d.]+ MiB and has [\d.]+ MiB/.test(output)),
      own.some(({ code }) => code === 4),
    ),
  ];
}

function table(shown: ReadonlyMap<SubjectName, Shown>): Table {
  const rows = [...shown].flatMap(([name, { requests, results }]) => {
    const groups = Map.groupBy(results.keys(), (index) => {
      const { command, disk, place, squeeze } = requests[index] as SqueezeRequest;
      const blind = squeeze.kind === "bytes" && squeeze.blind ? ", no lengths told" : "";
      return [command, place, disk, `${squeeze.kind}${blind}`].join(" | ");
    });
    return [...groups].map(([key, indices]) => {
      const mine = [...indices].map((index) => results[index] as Squeezed);
      const codes = [...new Set(mine.map(({ code }) => String(code)))].join(", ");
      const healed = mine.filter((one) => one.healed).length;
      const lost = mine.filter((one) => one.fallbackLost).length;
      return [name, ...key.split(" | "), mine.length, codes, lost, healed];
    });
  });
  const columns = ["program", "command", "where", "disk", "squeeze", "tried", "exit codes", "fallback lost", "healed"];
  return { columns, rows };
}

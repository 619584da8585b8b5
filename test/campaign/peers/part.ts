// Interrupted updates of systemd-sysupdate and of Holdfast, side by side, under one judge (issue 3, Report).
import { join } from "node:path";
import { SeededRandom } from "../../../src/base/random.ts";
import type { Findings, Part, PartOptions } from "../part.ts";
import { Scratch } from "../scratch.ts";
import { type Compared, findingsOf } from "./findings.ts";
import { count, interruptDownloads, killAtMoments, killBeforeCalls, undisturbedMs } from "./measures.ts";
import { findPeers, holdfastSubject, type Subject } from "./peer.ts";
import { PeerScene } from "./scene.ts";

const moments = 200;
const interruptions = 17;
const bytesPerSecond = 20 << 20;

export const part: Part = {
  name: "peers",
  title: "Interrupted, beside systemd-sysupdate",
  tools: ["strace"],
  async run(options: PartOptions): Promise<Findings> {
    const { peers, notTried } = await findPeers(options.say);
    await using scratch = await Scratch.make("peers");
    const subjects = [...peers, holdfastSubject];
    const compared = await Promise.all(
      subjects.map(async (subject, index) => compare(subject, join(scratch.folder, subject.name), index, options)),
    );
    return findingsOf(compared, notTried);
  },
};

async function compare(
  subject: Subject,
  folder: string,
  index: number,
  { seed, scale, say }: PartOptions,
): Promise<Compared> {
  const prefixedIndex = await updateWithPrefixedIndex(subject, join(folder, "prefixed"));
  await using scene = await PeerScene.create({ folder: join(folder, "apart"), index: "apart", bytesPerSecond });
  const random = new SeededRandom(seed + index);
  const ms = await undisturbedMs(scene, subject);
  const atMoments = count(await killAtMoments(scene, subject, Math.ceil(moments * scale), ms, random));
  say(`${subject.title}: ${atMoments.runs} kills at moments`);
  const share = Math.min(1, scale);
  const flushes = ["rename", "renameat", "renameat2", "fsync", "fdatasync"];
  const beforeFlushes = count(await killBeforeCalls(scene, subject, flushes, share));
  const beforeRemovals = count(await killBeforeCalls(scene, subject, ["unlink", "unlinkat"], share));
  say(`${subject.title}: ${beforeFlushes.runs} kills before calls, ${beforeRemovals.runs} before removals`);
  const interrupted = await interruptDownloads(scene, subject, Math.ceil(interruptions * scale));
  say(`${subject.title}: ${interrupted.outcomes.length} times Ctrl-C`);
  return { subject: subject.name, ms, prefixedIndex, atMoments, beforeFlushes, beforeRemovals, interrupted };
}

/** Nothing disturbs it: whether it ends with 0 and leaves a BROKEN entry. */
async function updateWithPrefixedIndex(subject: Subject, folder: string): Promise<boolean> {
  await using scene = await PeerScene.create({ folder, index: "prefixed" });
  await scene.reset();
  const { code } = await subject.run(scene.machine, ["update"]);
  return code === 0 && (await scene.audit()).broken.length > 0;
}

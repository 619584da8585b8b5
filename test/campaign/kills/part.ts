// The kill campaign as a part: before every system call that changes a file, and at 260 moments on each file system.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Findings, Part, PartOptions } from "../part.ts";
import { findingsOf } from "./findings.ts";
import { runKills } from "./kills.ts";

const moments = 260;
/** More than there are. */
const placesAtLeast = 400;

export const part: Part = {
  name: "kills",
  title: "Killed at any moment",
  tools: ["mkfs.ext4", "mkfs.btrfs", "strace"],
  async run({ seed, scale, say }: PartOptions): Promise<Findings> {
    const strace = await canTrace();
    const isWhole = strace && scale >= 1;
    const calls = isWhole ? Number.POSITIVE_INFINITY : Math.ceil(placesAtLeast * scale);
    const report = await runKills({
      moments: Math.ceil(moments * scale),
      calls: strace ? calls : 0,
      seed,
      imageBytes: 4 << 20,
      bytesPerSecond: 10 << 20,
      say,
    });
    const findings = findingsOf(report, isWhole);
    const why = strace ? [] : ["places before system calls: strace does not work here"];
    return { ...findings, notTried: [...findings.notTried, ...why] };
  },
};

export async function canTrace(): Promise<boolean> {
  return promisify(execFile)("strace", ["-f", "-qq", "-e", "trace=none", "true"]).then(
    () => true,
    () => false,
  );
}

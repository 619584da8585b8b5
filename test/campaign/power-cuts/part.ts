// Power cuts as a part of the campaign: at least 2,000 disks that a cut may leave.
import type { Findings, Part, PartOptions } from "../part.ts";
import { findPeers } from "../peers/peer.ts";
import { findingsOf } from "./findings.ts";
import { runPowerCuts } from "./power-cuts.ts";

/** For each of four operations on two file systems, and of three in a guest: 2,000 in all, though a rollback has fewer. */
const hostStates = 180;
const guestStates = 260;
const otherStates = 60;
const guestUpdates = 6;

export const part: Part = {
  name: "power-cuts",
  title: "Power cut at any moment",
  tools: [
    "qemu-system-x86_64",
    "qemu-storage-daemon",
    "mkfs.ext4",
    "mkfs.btrfs",
    "mkfs.fat",
    "fsck.fat",
    "mmd",
    "mcopy",
    "sfdisk",
    "busybox",
  ],
  async run({ seed, scale, say }: PartOptions): Promise<Findings> {
    const { peers, notTried } = await findPeers(say);
    const times = (count: number): number => Math.ceil(count * scale);
    const report = await runPowerCuts({
      seed,
      hostStates: times(hostStates),
      guestStates: times(guestStates),
      otherStates: times(otherStates),
      guestUpdates: times(guestUpdates),
      others: peers,
      say,
    });
    const findings = findingsOf(report);
    return { ...findings, notTried: [...findings.notTried, ...notTried] };
  },
};

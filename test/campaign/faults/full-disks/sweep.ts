// Which squeezes are tried: free bytes over the whole range that an update needs, inodes one by one, moments evenly spread.
import { allOf } from "../all-of.ts";
import { asDistributionsDo } from "../layout.ts";
import type { DiskKind } from "./small-disk.ts";
import { places, runSqueeze, type Squeeze, type Squeezed, type SqueezeRequest, squeezedCommands } from "./squeeze.ts";

export type Common = Pick<SqueezeRequest, "subject" | "world" | "releases" | "ms">;

/** An update of 630 kB, what a plan keeps free, and a little. */
const rangeBytes = 2_000_000;
const inodesMax = 8;

function steps(count: number, most: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => Math.round((most * index) / count));
}

function squeezesOf(count: number, disk: DiskKind): readonly Squeeze[] {
  const parts = Array.from({ length: Math.ceil(count / 2) }, (_, index) => (index + 0.5) / Math.ceil(count / 2));
  return [
    ...steps(count, rangeBytes).map((free): Squeeze => ({ kind: "bytes", free, blind: false })),
    // What an update really takes: nobody foresees it, each allocation fails once.
    ...steps(count, rangeBytes / 3).map((free): Squeeze => ({ kind: "bytes", free, blind: true })),
    ...parts.map((part): Squeeze => ({ kind: "filled-meanwhile", part })),
    ...parts.map((part): Squeeze => ({ kind: "read-only-meanwhile", part })),
    // btrfs has no number of inodes that could run out.
    ...(disk === "ext4" ? steps(Math.min(count, inodesMax), inodesMax) : []).map(
      (free): Squeeze => ({ kind: "inodes", free }),
    ),
  ];
}

/** `count` values of each quantity for an update, a third of them for a rollback and for a repair. */
export function sweepOf(common: Common, disks: readonly DiskKind[], count: number): readonly SqueezeRequest[] {
  return disks.flatMap((disk) =>
    places.flatMap((place) =>
      squeezedCommands.flatMap((command) =>
        squeezesOf(command === "update" ? count : Math.ceil(count / 3), disk).map((squeeze): SqueezeRequest => {
          return { ...common, disk, place, command, squeeze };
        }),
      ),
    ),
  );
}

/** systemd-sysupdate has neither rollback nor repair, and no state of its own. */
export function peerSweepOf(common: Common, count: number): readonly SqueezeRequest[] {
  return (["system", "efi"] as const).flatMap((place) =>
    squeezesOf(count, "btrfs").map((squeeze): SqueezeRequest => {
      return { ...common, disk: "ext4", place, command: "update", squeeze };
    }),
  );
}

export async function runSweep(
  requests: readonly SqueezeRequest[],
  lanes: number,
  onDone?: (count: number) => void,
): Promise<readonly Squeezed[]> {
  let done = 0;
  return allOf(requests, lanes, async (request) => {
    const squeezed = await runSqueeze(request);
    onDone?.(++done);
    return squeezed;
  });
}

/** How long an update takes that nothing disturbs. */
export async function updateMs({ subject, world, releases }: Omit<Common, "ms">): Promise<number> {
  const { installed, target } = releases;
  const server = { bytesPerSecond: 1_000_000 };
  await using scene = await world.scene({ offered: [...installed, target], installed, index: true, server });
  await asDistributionsDo(scene.machine);
  return (await subject.run(scene.machine, ["update"])).ms;
}

// The campaign's power cuts (issue 3): recordings on the host and in a guest, replayed to every flush and to random states
// between, each judged; some of them updated again, on the host and in a guest.
import { join } from "node:path";
import { createSigningKey } from "../../../tools/lab/signing.ts";
import { makeSmallRelease } from "../../../tools/lab/small-release.ts";
import type { Releases, VersionName } from "../kills/operations.ts";
import { Scratch } from "../scratch.ts";
import { cutInGuest, type GuestUpdate } from "./in-guest.ts";
import { cutOnHost } from "./on-host.ts";
import type { PowerCutOptions, Scene } from "./scene.ts";
import type { Row } from "./tally.ts";

export interface PowerCutReport {
  readonly rows: readonly Row[];
  /** What the ESP of Holdfast's recordings looked like, by operation. */
  readonly classes: ReadonlyMap<string, ReadonlyMap<string, number>>;
  readonly guestUpdates: readonly GuestUpdate[];
  readonly guestSeconds: number | undefined;
  readonly notTried: readonly string[];
}

const imageBytes = 2 << 20;
const kernelBytes = 200_000;

/** Needs the part's tools on the path, and root. */
export async function runPowerCuts(options: PowerCutOptions): Promise<PowerCutReport> {
  await using scratch = await Scratch.make("power-cuts");
  const { folder } = scratch;
  const names: readonly VersionName[] = ["1", "2", "3", "4"];
  const made = names.map(async (version) => {
    const release = { version, imageBytes, index: true, kernelBytes };
    return [version, await makeSmallRelease(join(folder, `release-${version}`), release)] as const;
  });
  const releases = Object.fromEntries(await Promise.all(made)) as unknown as Releases;
  const scene: Scene = { folder, releases, key: await createSigningKey() };
  const notTried: string[] = [];
  // Side by side: a guest keeps one processor busy, and the host's states wait for disks. Neither is left behind running.
  const [onHost, inGuest] = await Promise.allSettled([
    options.hostStates > 0 ? cutOnHost(scene, options, notTried) : [],
    options.guestStates > 0 ? cutInGuest(scene, options, notTried) : undefined,
  ]);
  if (onHost.status === "rejected") throw onHost.reason;
  if (inGuest.status === "rejected") throw inGuest.reason;
  const { rows = [], classes = new Map(), guestUpdates = [], seconds } = inGuest.value ?? {};
  return { rows: [...onHost.value, ...rows], classes, guestUpdates, guestSeconds: seconds, notTried };
}

// A publisher on a simulated machine: releases to add, and what a client reads afterwards.
import { tinyErofs } from "../../format/erofs/tiny-erofs.fixture.ts";
import { tinyPe } from "../../format/pe.fixture.ts";
import { parseReleaseIndex, type ReleaseIndex } from "../../format/release-files.ts";
import { parseSignedText } from "../../format/signed-text.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { SeededRandom } from "../../base/random.ts";
import { Content } from "../disk/content.ts";
import type { PlannedFault } from "../fault-plan.ts";
import { SimWorld } from "../machine.ts";
import { simKeyring } from "../verifier/sim-verifier.ts";
import type { RepositorySettings } from "../../wire/repository.ts";
import type { AddRequest } from "../../publish/add.ts";
import type { Inspectors } from "../../publish/inspect.ts";
import type { Publisher } from "../../publish/publisher.ts";

export const folder = "/srv/os";
const key = { fingerprint: "ABCD" };
const keyring: Uint8Array = simKeyring([key]);

export const settings: RepositorySettings = {
  format: 1,
  key: { kind: "file", path: "/key" },
  keyring: keyring.toBase64(),
  expiresDays: 90,
  chunks: { min: 256, avg: 1024, max: 4096 },
  store: true,
  deltas: 2,
  keep: 5,
  graceDays: 7,
};

export function publisherWorld(): SimWorld {
  const world = new SimWorld({
    seed: 1,
    fileSystems: [{ mountPoint: "/", type: "ext4", sizeBytes: 1e9 }],
    signingKeys: new Map([
      ["/key", key],
      ["/other", { fingerprint: "FFFF" }],
    ]),
  });
  world.tree.plantFolder("/srv");
  return world;
}

export function publisherOn(world: SimWorld, faults: readonly PlannedFault[] = []): Publisher {
  return { machine: world.run(faults).machine, folder, signal: new AbortController().signal };
}

const inspectors: Inspectors = {
  digest: simDigest,
  initrd: async () => ({ kind: "has-parts" }),
  system: async () => undefined,
};

/** An image most of which is the same in all versions, and an entry that names it. */
export function contentsOf(version: string, imageBytes = 20_000): Readonly<Record<string, Uint8Array>> {
  const random = new SeededRandom(7);
  const image = Uint8Array.from({ length: imageBytes }, () => random.below(256));
  image.set(new TextEncoder().encode(`version ${version}`), Math.floor(imageBytes / 2));
  return { [`os_${version}.erofs`]: tinyErofs(image), [`os_${version}.efi`]: ukiFor(version) };
}

function ukiFor(version: string, commandLine = `quiet holdfast.usr=/system/os_${version}.erofs`): Uint8Array {
  return tinyPe([
    [".osrel", `ID=os\nIMAGE_VERSION=${version}\n`],
    [".cmdline", commandLine],
    [".linux", `kernel ${version}`],
  ]);
}

/** Puts the files into a folder of the machine and answers a request that adds them. */
export function releaseIn(
  world: SimWorld,
  version: string,
  files: Readonly<Record<string, Uint8Array>> = contentsOf(version),
  from = "/build",
): AddRequest {
  for (const [name, bytes] of Object.entries(files)) world.tree.plant(`${from}/${name}`, Content.of(bytes));
  return {
    version,
    files: Object.keys(files).map((name) => `${from}/${name}`),
    transfers: undefined,
    notes: "",
    epoch: 0,
    withoutInitrdParts: false,
    inspectors,
  };
}

/** What a client finds in the index, without any proof. */
export function indexIn(world: SimWorld): ReleaseIndex {
  return parseReleaseIndex(parseSignedText("the index", bytesAt(world, "holdfast.json") ?? new Uint8Array()).text);
}

export function bytesAt(world: SimWorld, name: string): Uint8Array | undefined {
  const found = world.tree.peek(`${folder}/${name}`);
  return found instanceof Content ? found.bytes() : undefined;
}

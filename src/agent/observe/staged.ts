// Which versions are here in part, under temporary names: ours, and those of systemd-sysupdate (interfaces D.3).
import type { Version } from "../../base/ids.ts";
import { contentStagingName } from "../../domain/destination.ts";
import type { Leftover, Offer, Release } from "../../domain/resource.ts";
import type { Situation } from "../../domain/situation.ts";
import { stagingName } from "../../format/leftover-name.ts";
import { matchPatterns } from "../../format/pattern.ts";
import { nameOf } from "../../base/machine-path.ts";

export type Stage = "partial" | "pending";

/** systemd's temporary names, and the labels of half-written partitions, carry the version. */
function versionOfName({ name, transfer: id }: Leftover, situation: Situation): Version | undefined {
  const transfer = situation.transfers.find((item) => item.id === id);
  if (transfer === undefined || name === undefined) return undefined;
  return matchPatterns(transfer.target.patterns, name)?.fields.version;
}

/** Ours carry the digest, and what the source offers says whose it is. */
function isFor(leftover: Leftover, { sha256 }: Offer): boolean {
  if (leftover.place.kind === "partition" || leftover.digestPrefix === undefined || sha256 === undefined) return false;
  return [stagingName(sha256), contentStagingName(sha256)].includes(nameOf(leftover.place.path));
}

/** Downloaded to the last byte, or complete by what systemd says of it. */
function isHere(situation: Situation, { offers }: Release): boolean {
  const { leftovers, instances } = situation.inventory;
  return offers.every((offer) => {
    if (instances.some(({ transfer, version }) => transfer === offer.transfer && version === offer.version))
      return true;
    return leftovers.some(
      (leftover) =>
        (isFor(leftover, offer) && leftover.sizeBytes === offer.sizeBytes) ||
        (leftover.transfer === offer.transfer &&
          leftover.stage === "pending" &&
          versionOfName(leftover, situation) === offer.version),
    );
  });
}

/** "pending": everything of it is here and nothing installed. What the source does not offer is never more than partial. */
export function stagedVersions(situation: Situation): ReadonlyMap<Version, Stage> {
  const releases = situation.catalog?.releases ?? [];
  const found = new Map<Version, Stage>();
  for (const leftover of situation.inventory.leftovers) {
    const release = releases.find(({ offers }) => offers.some((offer) => isFor(leftover, offer)));
    const version = release?.version ?? versionOfName(leftover, situation);
    if (version === undefined) continue;
    const offered = releases.find((item) => item.version === version);
    const whole = offered !== undefined && offered.missing.length === 0 && isHere(situation, offered);
    found.set(version, whole ? "pending" : "partial");
  }
  return found;
}

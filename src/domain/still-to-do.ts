// Which resources of a release the machine still lacks. Identity is by content: the right name is not enough.
import type { Transfer } from "../format/definitions.ts";
import type { ResourceRecord } from "./records.ts";
import type { Instance, Offer, Release } from "./resource.ts";
import { instancesOf, type Situation } from "./situation.ts";

/** Whether an instance is known to hold the bytes of an offer: same source digest recorded, digest checked, untouched since. */
function holds(situation: Situation, instance: Instance, record: ResourceRecord | undefined, offer: Offer): boolean {
  if (record === undefined) return false;
  const same =
    record.sourceSha256 !== undefined
      ? record.sourceSha256 === offer.sha256
      : offer.shape.kind === "bytes" && offer.shape.compression === undefined && record.content.sha256 === offer.sha256;
  return same && situation.soundness.get(instance) === "verified";
}

/** In the order of the transfers. `gone`: instances that the plan takes away first. */
export function stillToDo(
  situation: Situation,
  release: Release,
  gone: ReadonlySet<Instance> = new Set(),
): readonly { readonly transfer: Transfer; readonly offer: Offer }[] {
  const records = situation.versions.get(release.version)?.resources ?? [];
  return situation.transfers.flatMap((transfer) => {
    const offer = release.offers.find((item) => item.transfer === transfer.id);
    if (offer === undefined) return [];
    const record = records.find((item) => item.transfer === transfer.id);
    const present = instancesOf(situation, release.version).some(
      (instance) =>
        !gone.has(instance) && instance.transfer === transfer.id && holds(situation, instance, record, offer),
    );
    return present ? [] : [{ transfer, offer }];
  });
}

/** Whether what is installed under this version's name came from other bytes than the repository offers now. */
export function isRepublished(situation: Situation, release: Release): boolean {
  const records = situation.versions.get(release.version)?.resources ?? [];
  return release.offers.some((offer) => {
    const record = records.find((item) => item.transfer === offer.transfer);
    return record?.sourceSha256 !== undefined && offer.sha256 !== undefined && record.sourceSha256 !== offer.sha256;
  });
}

// Which installed file or partition has certain bytes: identity is by content, and the records know the digests.
import type { Version } from "../../../base/ids.ts";
import { newestFirst } from "../../../domain/version-order.ts";
import { type Instance, type Offer, type Place, samePlace } from "../../../domain/resource.ts";
import type { Situation } from "../../../domain/situation.ts";
import type { SeedPlace } from "./chunk-way.ts";
import type { Content } from "../../../format/release-files.ts";

export interface SeedsRequest {
  readonly offer: Offer;
  readonly situation: Situation;
  /** Places that will be removed or written over before the bytes come. */
  readonly gone: readonly Place[];
  /** Files of this machine that a person named. */
  readonly seedFiles: readonly string[];
}

export interface ContentPlace {
  readonly place: Place;
  /** Nobody has read it: its version and size are all that speaks for it. */
  readonly presumed: boolean;
}

/**
 * Where `content` lies, as far as anyone knows; what was read and found whole comes before what may have changed since,
 * and last what nobody has read yet and has the right version and size. `gone`: places that will be removed or written
 * over before the bytes are wanted.
 */
export function placeOfContent(
  { versions, inventory, soundness }: Situation,
  content: Content & { readonly version: Version },
  gone: readonly Place[],
): ContentPlace | undefined {
  const records = [...versions.values()].flatMap(({ resources }) => resources);
  const here = inventory.instances.filter(({ place }) => !gone.some((item) => samePlace(item, place)));
  const has = (instance: Instance): boolean =>
    records.some(
      ({ content: own, place }) =>
        own.kind === "bytes" &&
        own.sha256 === content.sha256 &&
        own.sizeBytes === content.sizeBytes &&
        samePlace(place, instance.place),
    );
  const known = here.filter(has);
  const of = (wanted: string): Instance | undefined => known.find((instance) => soundness.get(instance) === wanted);
  const presumed = here.find(
    (instance) =>
      instance.version === content.version &&
      soundness.get(instance) === "unknown" &&
      (instance.place.kind === "partition"
        ? instance.sizeBytes >= content.sizeBytes
        : instance.sizeBytes === content.sizeBytes),
  );
  const found = of("verified") ?? of("unchecked") ?? presumed;
  return found === undefined ? undefined : { place: found.place, presumed: found === presumed };
}

/**
 * What is offered with the bytes that an instance has, as far as anyone knows. Where nobody has read it yet its version and
 * its size have to do: of a seed every chunk is proven.
 */
function offerOf({ catalog }: Situation, instance: Instance, content: Content | undefined): Offer | undefined {
  const { transfer, version, place, sizeBytes } = instance;
  const fits = (offer: Offer): boolean => {
    if (content !== undefined) return offer.sha256 === content.sha256 && offer.sizeBytes === content.sizeBytes;
    return place.kind === "partition" ? (offer.sizeBytes ?? 0) <= sizeBytes : offer.sizeBytes === sizeBytes;
  };
  return catalog?.releases
    .flatMap(({ offers }) => offers)
    .find((offer) => {
      const { manifest, shape } = offer;
      const plain = shape.kind === "bytes" && shape.compression === undefined;
      return offer.transfer === transfer && offer.version === version && manifest !== undefined && plain && fits(offer);
    });
}

/** What seeds may come to: where nothing is published of one, it is read whole before the first byte is fetched. */
const seedsMax = 8;

/**
 * Files and partitions that may have chunks of `offer`: other versions of it, what another run has left of one, and what a
 * person named. Damage does not matter: each chunk is proven.
 */
export function seedsOf({ offer, situation, gone, seedFiles }: SeedsRequest): readonly SeedPlace[] {
  const { inventory, versions } = situation;
  const named = seedFiles.map((path) => ({
    place: { kind: "file", path } as const,
    sizeBytes: Number.MAX_SAFE_INTEGER,
    isWanted: false,
  }));
  const installed = inventory.instances
    .filter(({ transfer, place }) => transfer === offer.transfer && place.kind !== "tree")
    // What is written over is no seed; a file that is replaced stays until then.
    .filter(({ place }) => place.kind === "file" || !gone.some((item) => samePlace(item, place)))
    .toSorted((a, b) => newestFirst(a.version, b.version))
    .map((instance): SeedPlace => {
      const { place, version } = instance;
      const content = versions.get(version)?.resources.find((resource) => samePlace(resource.place, place))?.content;
      const known = content?.kind === "bytes" ? content : undefined;
      const published = offerOf(situation, instance, known);
      const { sizeBytes } = known ?? { sizeBytes: published?.sizeBytes ?? instance.sizeBytes };
      return { place, sizeBytes, isWanted: known !== undefined && known.sha256 === offer.sha256, published };
    });
  const partials = inventory.leftovers
    .filter(({ by, transfer, place, digestPrefix }) => {
      const ours = by === "holdfast" && transfer === offer.transfer && place.kind === "file";
      return ours && digestPrefix !== offer.sha256?.slice(0, 16);
    })
    .map(({ place, sizeBytes }): SeedPlace => ({ place, sizeBytes, isWanted: false }));
  return [...named, ...installed, ...partials].slice(0, seedsMax);
}

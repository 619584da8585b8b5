// Which installed file or partition has certain bytes: identity is by content, and the records know the digests.
import type { Version } from "../../../base/ids.ts";
import { type Instance, type Place, samePlace } from "../../../domain/resource.ts";
import type { Situation } from "../../../domain/situation.ts";
import type { Content } from "../../../format/release-files.ts";

/**
 * Where `content` lies, as far as anyone knows; what was read and found whole comes before what may have changed since,
 * and last what nobody has read yet and has the right version and size. `gone`: places that will be removed or written
 * over before the bytes are wanted.
 */
export function placeOfContent(
  { versions, inventory, soundness }: Situation,
  content: Content & { readonly version: Version },
  gone: readonly Place[],
): Place | undefined {
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
  return (of("verified") ?? of("unchecked") ?? presumed)?.place;
}

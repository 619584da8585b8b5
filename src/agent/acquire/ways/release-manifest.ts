// The manifest of a release, `releases/V.json`: named in the signed index by size and digest, and believed for that (P9).
import { Fault } from "../../../base/fault.ts";
import type { Sha256 } from "../../../base/ids.ts";
import type { Offer } from "../../../domain/resource.ts";
import { parseReleaseManifest, type ReleaseManifest } from "../../../format/release-files.ts";
import type { Session } from "../../session.ts";
import { fetchProven } from "./repository-file.ts";
import type { Traffic } from "./way.ts";

/** Of what is read in one run, by digest: each manifest is asked for once. */
export type KnownManifests = Map<Sha256, Promise<ReleaseManifest>>;

/** More is no manifest (format/release-files.ts). */
const maxBytes = 4 << 20;

/** The manifest that speaks of `offer`. Faults: it cannot be had, is damaged, or speaks of other bytes. */
export async function manifestOf(
  session: Session,
  offer: Offer,
  known: KnownManifests,
  traffic: Traffic,
): Promise<ReleaseManifest> {
  const { manifest, remote } = offer;
  if (manifest === undefined) throw new Fault("no-manifest", `Cannot look up ${offer.name}: no index names it`);
  const read = (): Promise<ReleaseManifest> =>
    fetchProven(session, { ...manifest, remote }, manifest, maxBytes, traffic).then(parseReleaseManifest);
  const reading = known.get(manifest.sha256) ?? read();
  known.set(manifest.sha256, reading);
  const found = await reading;
  const resource = found.resources.find(({ name }) => name === offer.name);
  if (resource?.sha256 === offer.sha256 && resource?.sizeBytes === offer.sizeBytes) return found;
  throw new Fault("release-file-damaged", `Cannot use ${manifest.name}: it speaks of another ${offer.name}`);
}

// The manifest of a release, `releases/V.json`: named in the signed index by size and digest, and believed for that (P9).
import { Fault } from "../../../base/fault.ts";
import type { Sha256 } from "../../../base/ids.ts";
import type { Offer, OfferManifest } from "../../../domain/resource.ts";
import { parseReleaseManifest, type ReleaseManifest } from "../../../format/release-files.ts";
import type { Session } from "../../session.ts";
import { readFromSource } from "../download.ts";
import { addressOf } from "./repository-file.ts";

/** Of what is read in one run, by digest: each manifest is asked for once. */
export type KnownManifests = Map<Sha256, Promise<ReleaseManifest>>;

/** More is no manifest (format/release-files.ts). */
const maxBytes = 4 << 20;

async function read(session: Session, file: OfferManifest, remote: boolean): Promise<ReleaseManifest> {
  const damaged = (): Fault =>
    new Fault("release-file-damaged", `Cannot use ${file.name}: it is not the file that the index names`, {
      hint: "The mirror is damaged or in the middle of an upload.",
    });
  if (file.sizeBytes > maxBytes) throw damaged();
  const bytes = await readFromSource(session, addressOf({ ...file, remote }, file.name), remote, file.sizeBytes);
  if (bytes === undefined) throw new Fault("not-on-server", `Cannot use ${file.name}: it is not there`);
  const hasher = session.machine.digest.sha256();
  hasher.update(bytes);
  if (bytes.length !== file.sizeBytes || hasher.finish() !== file.sha256) throw damaged();
  return parseReleaseManifest(bytes);
}

/** The manifest that speaks of `offer`. Faults: it cannot be had, is damaged, or speaks of other bytes. */
export async function manifestOf(session: Session, offer: Offer, known: KnownManifests): Promise<ReleaseManifest> {
  const { manifest } = offer;
  if (manifest === undefined) throw new Fault("no-manifest", `Cannot look up ${offer.name}: no index names it`);
  const reading = known.get(manifest.sha256) ?? read(session, manifest, offer.remote);
  known.set(manifest.sha256, reading);
  const found = await reading;
  const resource = found.resources.find(({ name }) => name === offer.name);
  if (resource?.sha256 === offer.sha256 && resource?.sizeBytes === offer.sizeBytes) return found;
  throw new Fault("release-file-damaged", `Cannot use ${manifest.name}: it speaks of another ${offer.name}`);
}

// The manifest of a published release, held against the index that names it.
import { Fault } from "../base/fault.ts";
import { type IndexedRelease, parseReleaseManifest, type ReleaseManifest } from "../format/release-files.ts";
import { readSmall } from "../port/small-file.ts";
import type { Publisher } from "./publisher.ts";

export type ManifestFaultCode = "manifest-not-published";

const maxManifestBytes = 4 << 20;

/** Fault: `manifest-not-published`, and those of the format. */
export async function readReleaseManifest(
  publisher: Publisher,
  { version, name, sha256 }: IndexedRelease,
): Promise<ReleaseManifest> {
  const { disk, digest } = publisher.machine;
  const bytes = await readSmall(disk, `${publisher.folder}/${name}`, maxManifestBytes);
  const hasher = digest.sha256();
  hasher.update(bytes ?? new Uint8Array());
  if (bytes !== undefined && hasher.finish() === sha256) return parseReleaseManifest(bytes);
  throw new Fault<ManifestFaultCode>(
    "manifest-not-published",
    `Cannot read ${publisher.folder}/${name}: it is ${bytes === undefined ? "missing" : `not the manifest of ${version} that was published`}`,
    { hint: "Restore it from a copy of the repository, and look at the rest with holdfast repo verify." },
  );
}

// The index of a sample repository, `holdfast.json`, and the manifests that it names, signed like the pair beside it.
import { parseSha256, parseVersion, type Sha256 } from "../../base/ids.ts";
import {
  formatReleaseIndex,
  formatReleaseManifest,
  type IndexedRelease,
  type ReleaseDelta,
  type ReleaseFile,
  type ReleaseIndex,
  type ReleaseResource,
} from "../../format/release-files.ts";
import { formatSignedText } from "../../format/signed-text.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { simSign, type SimKey } from "../verifier/sim-verifier.ts";

export function simSha256(bytes: Uint8Array): Sha256 {
  const hasher = simDigest.sha256();
  hasher.update(bytes);
  return parseSha256(hasher.finish());
}

export function releaseFile(name: string, bytes: Uint8Array): ReleaseFile {
  return { name, sizeBytes: bytes.length, sha256: simSha256(bytes) };
}

/** `holdfast.json`: `changes` to an index of these releases that is number 1 and good for the whole of 2026. */
export function simIndex(
  key: SimKey,
  releases: readonly IndexedRelease[],
  signedAtMs: number,
  changes: Partial<ReleaseIndex> = {},
): Uint8Array {
  const index = { serial: 1, created: "2026-01-01T00:00:00Z", expires: "2027-01-01T00:00:00Z", releases, ...changes };
  const text = formatReleaseIndex(index);
  return formatSignedText({ text, signature: simSign(simDigest, key, text, signedAtMs) });
}

export interface SampleRelease {
  readonly version: string;
  readonly withdrawn?: boolean;
  readonly resources: readonly (ReleaseFile & Partial<ReleaseResource>)[];
  readonly deltas?: readonly ReleaseDelta[];
}

/** A release as the index names it, and the bytes of its manifest. */
export function indexed(release: SampleRelease): { readonly entry: IndexedRelease; readonly manifest: Uint8Array } {
  const version = parseVersion(release.version);
  const resources = release.resources.map((file): ReleaseResource => {
    const role = file.name.endsWith(".efi") ? "entry" : "image";
    return { role, content: file, chunks: undefined, ...file };
  });
  const manifest = formatReleaseManifest({ version, epoch: 0, notes: "", resources, deltas: release.deltas ?? [] });
  const entry: IndexedRelease = {
    version,
    state: release.withdrawn === true ? "withdrawn" : "offered",
    ...releaseFile(`releases/${version}.json`, manifest),
    files: resources.map(({ name, sizeBytes, sha256 }) => ({ name, sizeBytes, sha256 })),
  };
  return { entry, manifest };
}

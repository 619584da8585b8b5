// What `repo add` answers: the release as it is staged.
import type { ReleaseManifest } from "../format/release-files.ts";
import type { RepoAddReport } from "../wire/repository-reports.ts";
import { readChunkIndex } from "./chunk-paths.ts";
import type { Publisher } from "./publisher.ts";
import { packPrefix, stagedPath } from "./staging.ts";

export async function reportAdded(
  publisher: Publisher,
  manifest: ReleaseManifest,
  more: Pick<RepoAddReport, "already" | "notices">,
): Promise<RepoAddReport> {
  const { version } = manifest;
  const inStaging = (name: string): string => stagedPath(publisher, version, name);
  const resources: RepoAddReport["resources"][number][] = [];
  for (const { name, sizeBytes, sha256, role, chunks } of manifest.resources) {
    const index = chunks === undefined ? undefined : await readChunkIndex(publisher, chunks, inStaging);
    resources.push({ name, sizeBytes, sha256, role, chunks: index?.ends.length ?? 0 });
  }
  const packs = new Map(
    manifest.resources
      .flatMap(({ chunks }) => chunks?.packs ?? [])
      .filter(({ name }) => name.startsWith(packPrefix(version)))
      .map((pack) => [pack.name, pack]),
  );
  return {
    folder: publisher.folder,
    version,
    resources,
    packs: [...packs.values()],
    deltas: manifest.deltas.map(({ name, sizeBytes, sha256, resource, from }) => ({
      name,
      sizeBytes,
      sha256,
      resource,
      from: from.version,
    })),
    ...more,
  };
}

// What makes a release cheap to bring in: its chunks, and deltas from the releases before.
import type { Version } from "../base/ids.ts";
import type { ReleaseDelta, ReleaseIndex, ReleaseResource } from "../format/release-files.ts";
import type { RepositorySettings } from "../wire/repository.ts";
import { cutRelease } from "./prepare-chunks.ts";
import { makeDeltas } from "./prepare-deltas.ts";
import type { Publisher } from "./publisher.ts";
import type { Steps } from "./steps.ts";

export interface PrepareJob {
  readonly version: Version;
  readonly index: ReleaseIndex;
  /** Their files lie in the staging. */
  readonly resources: readonly ReleaseResource[];
  readonly steps: Steps;
}

export interface Prepared {
  readonly resources: readonly ReleaseResource[];
  readonly deltas: readonly ReleaseDelta[];
}

export async function prepareRelease(
  publisher: Publisher,
  settings: RepositorySettings,
  job: PrepareJob,
): Promise<Prepared> {
  const resources = await cutRelease(publisher, settings, job);
  return { resources, deltas: await makeDeltas(publisher, settings, job) };
}

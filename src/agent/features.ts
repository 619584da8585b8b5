// `sysupdate features` and `components`: what the definitions let an administrator switch.
import { readComponents, readDefinitions } from "./definitions.ts";
import type { Session } from "./session.ts";

export interface FeatureLine {
  readonly id: string;
  readonly description?: string | undefined;
  readonly documentation: readonly string[];
  readonly appStream?: string | undefined;
  readonly enabled: boolean;
  /** Files of the transfers that depend on it. */
  readonly transfers: readonly string[];
}

export async function featuresReport(session: Session): Promise<readonly FeatureLine[]> {
  const { features, enabled, disabled } = await readDefinitions(session);
  return features.map((feature) => ({
    id: feature.id,
    description: feature.description,
    documentation: feature.documentation,
    appStream: feature.appStream,
    enabled: feature.enabled,
    transfers: [...enabled, ...disabled]
      .filter((transfer) => transfer.features.includes(feature.id) || transfer.requisiteFeatures.includes(feature.id))
      .map((transfer) => transfer.file)
      .sort(),
  }));
}

export async function componentsReport(
  session: Session,
): Promise<{ readonly default: boolean; readonly components: readonly string[] }> {
  const { host, components } = await readComponents(session);
  return { default: host, components };
}

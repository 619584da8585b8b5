// `sysupdate features` and `components`: what the definitions let an administrator switch.
import { readComponents, readDefinitions } from "../observe/definitions.ts";
import type { Session } from "../session.ts";
import { readSuggestFacts } from "../observe/suggest-facts.ts";
import { judgeSuggestion, type Suggested } from "../../domain/suggest.ts";
import type { Suggestion } from "../../format/suggestion.ts";

export interface FeatureLine {
  readonly id: string;
  readonly description?: string | undefined;
  readonly documentation: readonly string[];
  readonly appStream?: string | undefined;
  readonly enabled: boolean;
  readonly suggested: Suggested;
  /** Files of the transfers that depend on it. */
  readonly transfers: readonly string[];
}

export interface ComponentLine {
  readonly id: string;
  readonly description?: string | undefined;
  readonly documentation: readonly string[];
  readonly enabled: boolean;
  readonly suggested: Suggested;
}

export interface ComponentsReport {
  /** The host itself has definitions. */
  readonly default: boolean;
  readonly components: readonly ComponentLine[];
}

export async function featuresReport(session: Session): Promise<readonly FeatureLine[]> {
  const { features, enabled, disabled } = await readDefinitions(session);
  const suggested = await judgeFor(session, features);
  return features.map((feature) => ({
    id: feature.id,
    description: feature.description,
    documentation: feature.documentation,
    appStream: feature.appStream,
    enabled: feature.enabled,
    suggested: suggested(feature),
    transfers: [...enabled, ...disabled]
      .filter((transfer) => transfer.features.includes(feature.id) || transfer.requisiteFeatures.includes(feature.id))
      .map((transfer) => transfer.file)
      .sort(),
  }));
}

export async function componentsReport(session: Session): Promise<ComponentsReport> {
  const { host, components } = await readComponents(session);
  const suggested = await judgeFor(session, components);
  const lines = components.map((component) => ({
    id: component.id,
    description: component.description,
    documentation: component.documentation,
    enabled: component.enabled,
    suggested: suggested(component),
  }));
  return { default: host, components: lines };
}

/** The machine is only asked about itself when a condition needs it. */
async function judgeFor(
  session: Session,
  parts: readonly { readonly suggestion: Suggestion }[],
): Promise<(part: { readonly suggestion: Suggestion }) => Suggested> {
  const conditions = parts.flatMap(({ suggestion }) => suggestion.conditions);
  const facts = await readSuggestFacts(session, conditions);
  return ({ suggestion }) => judgeSuggestion(suggestion, facts);
}

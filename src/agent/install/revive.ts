// With every entry marked bad the loader starts the newest for ever (E3): one gets its good name back (P6).
import type { Version } from "../../base/ids.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import { isBad } from "../../domain/entry-count.ts";
import { newestFirst } from "../../domain/version-order.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { switchTo } from "./switch.ts";

/**
 * The version that runs, or the last known good; `undefined` where not every entry of ours is marked bad. `knownGood`:
 * ids of entries that were good once, the most recent first. `runsBadly`: the version that runs was found bad, and comes
 * behind any that was good once.
 */
export function versionToRevive(
  { situation }: Observation,
  { knownGood = [], runsBadly = false }: { readonly knownGood?: readonly string[]; readonly runsBadly?: boolean } = {},
): Version | undefined {
  const own = situation.graph.nodes.filter(
    (node) => node.version !== undefined && node.entry.loadable.kind !== "ignored",
  );
  if (own.length === 0 || !own.every((node) => isBad(node.entry))) return undefined;
  const sound = own.filter(isComplete);
  const whole = sound.map((node) => node.version as Version);
  const running = whole.find((version) => version === situation.running.version);
  const fit = whole.filter((version) => !situation.quarantine.has(version) && !(runsBadly && version === running));
  const blessedOnce = fit.sort(newestFirst);
  const lastGood = knownGood
    .map((id) => sound.find(({ entry }) => entry.id === id)?.version)
    .find((version) => version !== undefined && blessedOnce.includes(version));
  // The newest is what keeps failing; of the others the newest was good once.
  const another = lastGood ?? (runsBadly ? blessedOnce[0] : (blessedOnce[1] ?? blessedOnce[0]));
  const first = runsBadly ? (another ?? running) : (running ?? another);
  return first ?? whole.sort(newestFirst)[0];
}

export async function revive(session: Session, before: Observation, version: Version): Promise<Observation> {
  const { observation } = await switchTo(session, before, version, "every boot entry was marked bad");
  return observation;
}

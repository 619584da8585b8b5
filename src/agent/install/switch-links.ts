// Going back without a boot entry: a component is switched by its CurrentSymlink= alone (P5, "symlink last").
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import { linkPath } from "../../domain/destination.ts";
import { instancesOf, isWhole } from "../../domain/situation.ts";
import { compareVersions, newestFirst } from "../../domain/version-order.ts";
import { switchLink } from "./install.ts";
import { record } from "../state/journal.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { liftQuarantine, saveQuarantine } from "../state/state.ts";

function wholeVersions({ situation }: Observation): readonly Version[] {
  const versions = [...new Set(situation.inventory.instances.map(({ version }) => version))];
  return versions.filter((version) => isWhole(situation, version)).sort(newestFirst);
}

/** The newest whole version before the one in use that was not itself gone back from. */
export function lastLinked(observation: Observation): Version {
  const { situation } = observation;
  const current = [...situation.linked.values()].sort(newestFirst)[0];
  const chosen = wholeVersions(observation).find(
    (version) => !situation.quarantine.has(version) && (current === undefined || compareVersions(version, current) < 0),
  );
  if (chosen !== undefined) return chosen;
  throw new Fault("no-way-back", `Cannot roll back: no whole version is installed before ${current ?? "any"}`, {
    hint: "holdfast update VERSION brings an older one in from the repository; holdfast list shows what there is.",
    kind: "refused",
  });
}

/** Points the links at a version that has been proven. Newer ones are passed over by updates from now on. */
export async function switchLinks(
  session: Session,
  observation: Observation,
  version: Version,
  why: string,
): Promise<Observation> {
  const { situation } = observation;
  const instances = instancesOf(situation, version);
  const links = situation.transfers.flatMap((transfer) => {
    const symlink = linkPath(transfer, situation.targets.get(transfer.id)?.folder);
    const place = instances.find((instance) => instance.transfer === transfer.id)?.place;
    return symlink === undefined || place === undefined || place.kind === "partition"
      ? []
      : [{ symlink, target: place.path }];
  });
  if (links.length === 0 || !isWhole(situation, version)) {
    const lacks =
      links.length === 0 ? "no boot entry and no CurrentSymlink= says which one is used" : "it is not whole";
    throw new Fault("not-switchable", `Cannot switch to version ${version}: ${lacks}`, {
      hint:
        links.length === 0
          ? "Set CurrentSymlink= in the definition of the component."
          : `Run: holdfast update ${version}`,
      kind: "refused",
    });
  }
  const newer = wholeVersions(observation).filter((other) => compareVersions(other, version) > 0);
  for (const passed of newer) {
    const atMs = session.machine.clock.nowMs();
    await saveQuarantine(session, { format: 1, version: passed, atMs, evidence: "rolled-back", text: why });
  }
  for (const { symlink, target } of links) await switchLink(session, symlink, target);
  if (situation.quarantine.has(version)) await liftQuarantine(session, version);
  await record(session, "switched", version, `Version ${version} is in use: ${why}`);
  return observeAgain(session, observation);
}

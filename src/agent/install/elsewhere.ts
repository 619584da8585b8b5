// What a version consists of where today's definitions do not look: a target that moved, a transfer that is gone.
// It goes with its version, last, or it would stay for ever (P2, P6).
import type { Version } from "../../base/ids.ts";
import type { ResourceRecord, VersionRecord } from "../../domain/records.ts";
import { type Instance, type Place, samePlace } from "../../domain/resource.ts";
import type { Observation } from "../observe/observe.ts";
import type { Session } from "../session.ts";
import { forgetVersion, readFacts, saveVersion } from "../state/state.ts";

type Remove = (place: Place) => Promise<void>;

/** Whether what is at the place can be what was installed there: of another size it is someone else's (P11). */
async function isThere(session: Session, { place, content }: ResourceRecord): Promise<boolean> {
  if (place.kind === "partition") return false;
  const stat = await session.machine.disk.stat(place.path);
  if (place.kind === "tree") return stat?.kind === "folder";
  return stat?.kind === "file" && (content.kind !== "bytes" || stat.sizeBytes === content.sizeBytes);
}

async function placesOf(
  session: Session,
  record: VersionRecord,
  versions: ReadonlyMap<Version, VersionRecord>,
  known: readonly Instance[],
): Promise<readonly Place[]> {
  const others = [...versions.values()].filter(({ version }) => version !== record.version);
  const taken = [...known, ...others.flatMap(({ resources }) => resources)].map(({ place }) => place);
  const places: Place[] = [];
  for (const resource of record.resources) {
    // An entry elsewhere is not ours to give up: what it needs stays, and its removal is refused before.
    if (resource.role === "entry" || taken.some((place) => samePlace(place, resource.place))) continue;
    if (await isThere(session, resource)) places.push(resource.place);
  }
  return places;
}

/** Notes that the version is going, so that a run after a power cut goes on with it. `known`: what is removed anyway. */
export async function markLeaving(
  session: Session,
  version: Version,
  known: readonly Instance[],
): Promise<readonly Place[]> {
  const { versions } = await readFacts(session);
  const record = versions.get(version);
  if (record === undefined) return [];
  const places = await placesOf(session, record, versions, known);
  if (places.length > 0) await saveVersion(session, { ...record, leaving: true });
  return places;
}

/** Finishes removals that a power cut stopped after everything that definitions list was gone. */
export async function finishLeaving(session: Session, observation: Observation, remove: Remove): Promise<boolean> {
  const { situation, facts } = observation;
  const instances = [...situation.inventory.instances, ...situation.disabled.instances];
  let any = false;
  for (const record of facts.versions.values()) {
    const { version } = record;
    const isHere =
      instances.some((instance) => instance.version === version) ||
      situation.graph.nodes.some((node) => node.version === version);
    if (record.leaving !== true || isHere || situation.pins.has(version)) continue;
    for (const place of await placesOf(session, record, facts.versions, instances)) await remove(place);
    await forgetVersion(session, version);
    any = true;
  }
  return any;
}

// Audit: with fresh eyes, is the new entry sound, and is it what boots next (P1, P5)? On any doubt it is taken away.
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import { folderOf } from "../../base/machine-path.ts";
import { isVerified } from "../../domain/boot-graph.ts";
import { type LoaderReason, predict } from "../../domain/loader.ts";
import { whatItLacks } from "../../domain/promises.ts";
import { roleOf } from "../../domain/role.ts";
import { isWhole } from "../../domain/situation.ts";
import { record } from "../state/journal.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import { damagedPlaces, proveVersion } from "./prove.ts";
import type { Session } from "../session.ts";
import { removeIfThere } from "../state/small-file.ts";

export type AuditFaultCode = "audit-failed";

export interface AuditResult {
  readonly observation: Observation;
  /** Why something else boots next although the entry is sound; `undefined` when the new one does. */
  readonly overriddenBy: string | undefined;
}

const overrides: Readonly<Record<LoaderReason, string>> = {
  "one-shot": "an entry was chosen for the next boot only (LoaderEntryOneShot)",
  sysfail: "an entry was chosen for a failure of the firmware (LoaderEntrySysFail)",
  "preferred-variable": "another entry is preferred (LoaderEntryPreferred)",
  "preferred-config": "loader.conf prefers another entry",
  "default-variable": "another entry is the default (LoaderEntryDefault)",
  "default-config": "loader.conf names another entry as the default",
  order: "another entry comes first in the loader's order",
  nothing: "the loader sees no entry at all",
};

/** The entries of a version go, flushed, before anyone can boot what is not sound. */
async function withdraw(session: Session, observation: Observation, version: Version, why: string): Promise<never> {
  const { disk } = session.machine;
  for (const node of observation.situation.graph.nodes) {
    if (node.version !== version || version === observation.situation.running.version) continue;
    await removeIfThere(disk, node.entry.path);
    await disk.syncFolder(folderOf(node.entry.path));
  }
  await record(session, "audit-failed", version, why);
  throw new Fault<AuditFaultCode>("audit-failed", `Cannot finish the update to ${version}: ${why}`, {
    hint: "Its boot entry was taken away again; the machine boots what it booted before. Run holdfast update once more.",
    retriable: true,
  });
}

/** A stamp may have changed since installation (FAT gives new ones at every mount): what is not verified is read. */
async function verified(session: Session, observation: Observation, version: Version): Promise<Observation> {
  const own = observation.situation.graph.nodes.filter((node) => node.version === version);
  if (own.length > 0 && own.every(isVerified)) return observation;
  const proof = await proveVersion(session, observation, version, { adopt: false, save: true });
  return observeAgain(session, observation, { damaged: damagedPlaces(proof) });
}

export async function auditTarget(session: Session, before: Observation, version: Version): Promise<AuditResult> {
  const observation = await verified(session, before, version);
  const { situation } = observation;
  if (!situation.transfers.some((transfer) => roleOf(transfer.target) === "entry")) {
    if (isWhole(situation, version)) return { observation, overriddenBy: undefined };
    return withdraw(session, observation, version, "a part of it is missing or damaged");
  }
  const own = situation.graph.nodes.filter((node) => node.version === version);
  if (own.length === 0) return withdraw(session, observation, version, "its boot entry is not there");
  const lacks = own.map(whatItLacks).find((lack) => lack !== undefined);
  if (lacks !== undefined) return withdraw(session, observation, version, lacks);
  const { next, because } = predict(situation.loader);
  const { otherLoader } = situation.loader;
  if (otherLoader !== undefined) return { observation, overriddenBy: `what ${otherLoader} starts next cannot be told` };
  if (own.some((node) => node.entry.path === next?.path)) return { observation, overriddenBy: undefined };
  return { observation, overriddenBy: `${next?.fileName ?? "nothing"} boots next: ${overrides[because]}` };
}

// The audit of a whole machine, from one observation: what doctor, status and update warn about.
import { trustOf } from "../../domain/records.ts";
import { diagnose } from "../../domain/diagnose.ts";
import type { Finding } from "../../domain/findings.ts";
import { roleOf } from "../../domain/role.ts";
import { isWithoutBoot } from "../../domain/situation.ts";
import { withdrawnHere } from "../../domain/withdrawn.ts";
import { isRepublished } from "../../domain/still-to-do.ts";
import type { Trust } from "../../domain/resource.ts";
import type { Version } from "../../base/ids.ts";
import { bootFindings } from "../boot/boot-lines.ts";
import { doubts, recoveredFiles } from "../install/esp-guard.ts";
import type { Observation } from "./observe.ts";
import type { Session } from "../session.ts";

/** As the sources say it now, or where they were not asked, as they said it last. */
function withdrawnKnown({ situation, facts }: Observation): readonly Version[] {
  if (situation.catalog !== undefined) return withdrawnHere(situation);
  const installed = new Set(situation.inventory.instances.map(({ version }) => version));
  return (facts.lastCheck?.withdrawn ?? []).filter((version) => installed.has(version));
}

/** `volumes`: FAT volumes are looked at too, which asks fsck.fat and takes a moment. */
export async function findingsOf(
  session: Session,
  observation: Observation,
  options: { readonly volumes: boolean },
): Promise<readonly Finding[]> {
  const { situation, facts, fileSystems, boot } = observation;
  const complaints = options.volumes ? await doubts(session, observation) : [];
  const bootIds = new Set([boot.esp?.fileSystem.id, boot.xbootldr?.fileSystem.id]);
  const trust = new Map<Version, Trust>(
    [...facts.versions.values()].map((record) => [record.version, trustOf(record.resources)]),
  );
  const ofBoots = await bootFindings(session, observation);
  const found = diagnose({
    graph: situation.graph,
    loader: situation.loader,
    hasEntries: situation.transfers.some((transfer) => roleOf(transfer.target) === "entry"),
    surroundings: observation.boot.surroundings,
    running: situation.running,
    instances: situation.inventory.instances.map((instance) => ({
      instance,
      soundness: situation.soundness.get(instance) ?? "unknown",
    })),
    trust,
    quarantined: new Set(situation.quarantine.keys()),
    leftovers: situation.inventory.leftovers,
    recovered: await recoveredFiles(session, observation),
    fileSystems: fileSystems.map((fileSystem) => ({
      id: fileSystem.id,
      mountPoint: fileSystem.mountPoint,
      // A folder that stands for the ESP lies on the file system of the root, which may well be read-only.
      holds: bootIds.has(fileSystem.id) && fileSystem.mountPoint !== "/" ? ("boot" as const) : ("system" as const),
      availableBytes: fileSystem.availableBytes,
      readOnly: fileSystem.readOnly,
      complaints: fileSystem.type === "vfat" ? complaints : [],
    })),
    republished: (situation.catalog?.releases ?? [])
      .filter((release) => isRepublished(situation, release))
      .map(({ version }) => version),
    withdrawn: withdrawnKnown(observation),
    secureBootUnreadable: situation.secureBoot?.kind === "unreadable" ? situation.secureBoot.why : undefined,
    notPe: observation.entries
      .filter(
        ({ entry, commandLine }) =>
          entry.type === 2 && entry.loadable.kind === "yes" && entry.sortKey === undefined && commandLine === undefined,
      )
      .map(({ entry }) => entry.path),
  });
  const ofOthers = new Set(isWithoutBoot(situation) ? ["foreign-entry", "unknown-running-version"] : []);
  return [...found.filter(({ code }) => !ofOthers.has(code)), ...ofBoots];
}

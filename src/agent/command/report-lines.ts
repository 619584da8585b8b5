// What was observed, as the lines that reports consist of. Pure over an Observation.
import { trustOf } from "../../domain/records.ts";
import type { Version } from "../../base/ids.ts";
import { type GraphNode, isComplete, isVerified } from "../../domain/boot-graph.ts";
import { newestWhole } from "../../domain/choose-release.ts";
import { predict } from "../../domain/loader.ts";
import type { Plan, Step } from "../../domain/plan.ts";
import { whatItLacks } from "../../domain/promises.ts";
import { everythingOf, hasEntries, instancesOf, isProtected, isWhole, isWithoutBoot } from "../../domain/situation.ts";
import { isRepublished } from "../../domain/still-to-do.ts";
import { compareVersions, newestFirst } from "../../domain/version-order.ts";
import { findWayBack } from "../../domain/way-back.ts";
import type { FileSystemLine, MenuLine, PlanLine, SpaceLine, VersionLine } from "../../wire/reports.ts";
import { titleOf } from "../install/step-title.ts";
import type { Observation } from "../observe/observe.ts";
import { stagedVersions } from "../observe/staged.ts";

/** The version that boots next; of a component without entries the linked one, or the newest whole one. */
export function nextInUse(observation: Observation): Version | undefined {
  const { situation } = observation;
  if (hasEntries(situation)) return nextVersion(observation);
  return [...situation.linked.values()].sort(newestFirst)[0] ?? newestWhole(situation);
}

/** The version that boots if what boots next has used up its tries. */
export function wayBackOf(observation: Observation): Version | undefined {
  const { situation } = observation;
  const next = nextInUse(observation);
  if (next === undefined) return undefined;
  const { wayBack } = findWayBack(situation, next, hasEntries(situation));
  return wayBack.kind === "version" ? wayBack.version : undefined;
}

export function nextVersion(observation: Observation): Version | undefined {
  const { situation } = observation;
  const next = predict(situation.loader).next;
  return situation.graph.nodes.find((node) => node.entry.path === next?.path)?.version;
}

function verdictOf(node: GraphNode): MenuLine["verdict"] {
  if (node.version === undefined) return "foreign";
  if (node.entry.loadable.kind === "ignored") return "ignored-by-loader";
  if (node.entry.loadable.kind === "fails") return "damaged";
  if (node.entry.loadable.kind === "refused") return "refused-by-firmware";
  if (node.needs.some(({ soundness }) => soundness === "missing")) return "incomplete";
  if (node.needs.some(({ soundness }) => soundness === "damaged")) return "damaged";
  return isVerified(node) ? "sound" : "unchecked";
}

/** The boot menu in the loader's order; entries that it ignores come last. */
export function menuLines(observation: Observation): readonly MenuLine[] {
  const { situation } = observation;
  if (isWithoutBoot(situation)) return [];
  const { menu, next } = predict(situation.loader);
  const wayBack = wayBackOf(observation);
  const ignored = situation.loader.entries.filter((entry) => !menu.includes(entry));
  return [...menu, ...ignored].map((entry, at) => {
    const node = situation.graph.nodes.find((item) => item.entry.path === entry.path) ?? {
      entry,
      version: undefined,
      needs: [],
    };
    const lacks = node.version === undefined ? undefined : whatItLacks(node);
    return {
      position: at + 1,
      id: entry.id,
      fileName: entry.fileName,
      path: entry.path,
      title: entry.title,
      version: node.version ?? entry.version,
      triesLeft: entry.tries?.left,
      triesDone: entry.tries?.done,
      ours: node.version !== undefined,
      bootsNext: entry === next,
      wayBack: node.version !== undefined && node.version === wayBack,
      running: node.version !== undefined && node.version === situation.running.version,
      verdict: verdictOf(node),
      problems: lacks === undefined ? [] : [lacks],
    };
  });
}

function lacksOf(observation: Observation, version: Version): readonly string[] {
  const { situation } = observation;
  const own = instancesOf(situation, version);
  const missing = situation.transfers
    .filter((transfer) => !own.some((instance) => instance.transfer === transfer.id))
    .map((transfer) => `${transfer.id} is missing`);
  const damaged = own
    .filter((instance) => situation.soundness.get(instance) === "damaged")
    .map((instance) => `${instance.transfer} is damaged`);
  const broken = situation.graph.nodes
    .filter((node) => node.version === version && !isComplete(node))
    .flatMap((node) => whatItLacks(node) ?? []);
  return [
    ...missing,
    ...damaged,
    ...broken.filter((text) => missing.length + damaged.length === 0 || !text.includes("is damaged")),
  ];
}

/** All versions, installed or offered, newest first. */
export function versionLines(observation: Observation): readonly VersionLine[] {
  const { situation, facts } = observation;
  const releases = situation.catalog?.releases ?? [];
  const installed = new Set(situation.inventory.instances.map(({ version }) => version));
  const staged = stagedVersions(situation);
  const all = [...new Set([...installed, ...staged.keys(), ...releases.map(({ version }) => version)])].sort((a, b) =>
    compareVersions(b, a),
  );
  const next = nextVersion(observation);
  const wayBack = wayBackOf(observation);
  const newest = all[0];
  return all.map((version) => {
    const release = releases.find((item) => item.version === version);
    const record = facts.versions.get(version);
    const stage = staged.get(version);
    const verified = record?.resources.map(({ verifiedAtMs }) => verifiedAtMs ?? 0) ?? [];
    return {
      version,
      installed: installed.has(version),
      ...(stage === undefined ? {} : { staged: stage }),
      complete: installed.has(version) && isWhole(situation, version),
      available: release !== undefined && release.missing.length === 0,
      newest: version === newest,
      running: version === situation.running.version,
      wayBack: version === wayBack,
      bootsNext: version === next,
      pinned: situation.pins.has(version),
      protected: isProtected(situation, version),
      obsolete: situation.transfers.some(
        ({ minVersion }) => minVersion !== undefined && compareVersions(version, minVersion) < 0,
      ),
      republished: release !== undefined && isRepublished(situation, release),
      quarantine: situation.quarantine.get(version)?.text,
      trust: installed.has(version) && record !== undefined ? trustOf(record.resources) : undefined,
      verifiedAtMs: verified.length > 0 && Math.min(...verified) > 0 ? Math.min(...verified) : undefined,
      installedAtMs: record?.installedAtMs,
      lacks: installed.has(version) ? lacksOf(observation, version) : [],
      sourceLacks: release?.missing.map((transfer) => `nothing for ${transfer}`) ?? [],
      sizeBytes: everythingOf(situation, version).reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    };
  });
}

export function fileSystemLines(observation: Observation): readonly FileSystemLine[] {
  return observation.fileSystems.map(({ mountPoint, type, totalBytes, availableBytes, readOnly }) => ({
    mountPoint,
    type,
    totalBytes,
    availableBytes,
    readOnly,
  }));
}

function bytesOf(step: Step): number | undefined {
  switch (step.kind) {
    case "acquire":
      return step.offer.sizeBytes === undefined ? undefined : Math.max(0, step.offer.sizeBytes - step.resumeBytes);
    case "clear":
      return step.removal.instances.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    default:
      return undefined;
  }
}

export function planLines(plan: Plan): readonly PlanLine[] {
  return plan.steps.map((step) => ({ kind: step.kind, title: titleOf(step), bytes: bytesOf(step) }));
}

export function spaceLines(plan: Plan): readonly SpaceLine[] {
  return plan.space.map(({ mountPoint, availableBytes, peakBytes, netBytes }) => ({
    mountPoint,
    availableBytes,
    peakBytes,
    netBytes,
  }));
}

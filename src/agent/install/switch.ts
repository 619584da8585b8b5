// Makes an installed, proven version what boots next, and after that (rollback, forward again, and repair).
import { Fault } from "../../base/fault.ts";
import type { Version } from "../../base/ids.ts";
import { isComplete } from "../../domain/boot-graph.ts";
import type { ResourceRecord } from "../../domain/records.ts";
import { whatItLacks } from "../../domain/promises.ts";
import { samePlace } from "../../domain/resource.ts";
import { hasEntries } from "../../domain/situation.ts";
import { planSwitch } from "../../domain/switch-plan.ts";
import { closeEsp, openEsp } from "./esp-guard.ts";
import { record } from "../state/journal.ts";
import { type Observation, observeAgain } from "../observe/observe.ts";
import { digestPlace, proveVersion, sameContent, stampOf } from "./prove.ts";
import { renameEntry } from "./rename-entry.ts";
import { nextVersion } from "../command/report-lines.ts";
import type { Session } from "../session.ts";
import { liftQuarantine, saveQuarantine, saveVersion } from "../state/state.ts";
import { switchLinks } from "./switch-links.ts";

export type SwitchFaultCode = "not-installed" | "not-intact" | "not-switchable" | "unsteady";

/** Reads the whole version and refuses unless every byte is what it should be. */
async function proveOrRefuse(session: Session, observation: Observation, version: Version): Promise<Observation> {
  const { running } = observation.situation;
  const adopt = running.version === undefined || running.version === version;
  const proof = await proveVersion(session, observation, version, { adopt, save: true });
  if (proof.damaged.length > 0) {
    const what = proof.damaged.map((part) => `${part.what}: ${part.why}`).join("; ");
    throw new Fault<SwitchFaultCode>("not-intact", `Cannot switch to version ${version}: it is damaged (${what})`, {
      hint: "Run: holdfast doctor --repair",
      kind: "refused",
    });
  }
  if (proof.unknown.length > 0) {
    throw new Fault<SwitchFaultCode>(
      "not-intact",
      `Cannot switch to version ${version}: nobody vouches for ${proof.unknown.map(({ transfer }) => transfer).join(", ")}`,
      {
        hint: "Holdfast did not install it and the repository does not list it, so it cannot be told whether it is intact.",
        kind: "refused",
      },
    );
  }
  return observeAgain(session, observation);
}

/**
 * What the loader sees decides which entry is passed over: with one that was misread it could be the way back (P3). Two
 * looks must agree; where they do not, the machine may have changed in between, and a third one tells.
 */
async function lookedAtTwice(session: Session, before: Observation, now: Observation): Promise<Observation> {
  const seen = ({ situation }: Observation): string => JSON.stringify(situation.loader);
  if (seen(before) === seen(now)) return now;
  const again = await observeAgain(session, now);
  if (seen(now) === seen(again)) return again;
  throw new Fault<SwitchFaultCode>(
    "unsteady",
    "Cannot switch to another version: the boot entries read differently each time",
    { hint: "Nothing was changed. Try again; if it goes on, memory or the medium fails.", retriable: true },
  );
}

function passedVersion(observation: Observation, path: string): Version | undefined {
  return observation.situation.graph.nodes.find((node) => node.entry.path === path)?.version;
}

/** Renaming is where FAT loses files: the renamed entry is read back, and its record follows it. */
async function verifyRenamed(
  session: Session,
  observation: Observation,
  version: Version | undefined,
  path: string,
  wanted: Version,
): Promise<void> {
  const known = version === undefined ? undefined : observation.situation.versions.get(version);
  const place = { kind: "file", path } as const;
  if (known === undefined) return;
  const resources: ResourceRecord[] = [];
  for (const resource of known.resources) {
    const same =
      resource.role === "entry" && sameContent(await digestPlace(session, place, resource.content), resource.content);
    const stamp = same ? await stampOf(session, place) : undefined;
    resources.push(same ? { ...resource, place, ...(stamp === undefined ? {} : { stamp }) } : resource);
  }
  await saveVersion(session, { ...known, resources });
  if (version !== wanted || resources.some((resource) => resource.role === "entry" && samePlace(resource.place, place)))
    return;
  throw new Fault<SwitchFaultCode>(
    "not-intact",
    `Cannot switch to version ${wanted}: after its entry was renamed, ${path} holds other bytes than before`,
    { hint: "Run holdfast doctor --repair, which checks the file system first." },
  );
}

/** Switches to `version` and returns the machine as it is then. `why` is kept with each version that is passed over. */
export async function switchTo(
  session: Session,
  before: Observation,
  version: Version,
  why: string,
): Promise<{ readonly observation: Observation; readonly notices: readonly string[] }> {
  const observation = await lookedAtTwice(session, before, await proveOrRefuse(session, before, version));
  if (!hasEntries(observation.situation))
    return { observation: await switchLinks(session, observation, version, why), notices: [] };
  const own = observation.situation.graph.nodes.filter((item) => item.version === version);
  const node = own.find(({ entry }) => entry.loadable.kind === "yes") ?? own[0];
  if (node === undefined || !isComplete(node)) {
    const lacks = node === undefined ? "it has no boot entry" : (whatItLacks(node) ?? "it is not whole");
    throw new Fault<SwitchFaultCode>("not-intact", `Cannot switch to version ${version}: ${lacks}`, {
      hint: `Run: holdfast update ${version}`,
      kind: "refused",
    });
  }
  const plan = planSwitch(observation.situation, { ...node, version });
  if (plan.stuck.length > 0) {
    const names = plan.stuck.map(({ fileName }) => fileName).join(", ");
    throw new Fault<SwitchFaultCode>(
      "not-switchable",
      `Cannot switch to version ${version}: ${names} comes first in the boot menu and cannot be marked as passed over`,
      {
        hint: "Add a pattern with +@l-@d to MatchPattern= of the entry's transfer, or choose the version in the boot menu.",
        kind: "refused",
      },
    );
  }
  const { loader, clock, progress } = session.machine;
  for (const passed of plan.passedOver) {
    await saveQuarantine(session, {
      format: 1,
      version: passed,
      atMs: clock.nowMs(),
      evidence: "rolled-back",
      text: why,
    });
  }
  await openEsp(session, observation);
  for (const { entry, fileName } of plan.renames) {
    progress.report({ kind: "note", text: `${entry.fileName} becomes ${fileName}` });
    const path = await renameEntry(session, entry, fileName);
    await verifyRenamed(session, observation, passedVersion(observation, entry.path), path, version);
  }
  if (plan.clearOneShot) await loader.write("LoaderEntryOneShot", undefined);
  if (plan.clearDefault) await loader.write("LoaderEntryDefault", undefined);
  const from = nextVersion(observation);
  const after = await observeAgain(session, observation);
  await closeEsp(session, after);
  if (after.situation.quarantine.has(version)) await liftQuarantine(session, version);
  await record(
    session,
    "switched",
    version,
    plan.passedOver.length === 0
      ? `Version ${version} boots next`
      : `Version ${version} boots next; ${plan.passedOver.join(" and ")} ${plan.passedOver.length === 1 ? "is" : "are"} passed over`,
    { ...(from === undefined || from === version ? {} : { from }), details: [why] },
  );
  const next = nextVersion(after);
  const notices =
    next === version
      ? []
      : [`${next ?? "Something else"} boots next all the same: loader.conf or a variable chooses it.`];
  return { observation: after, notices };
}

// `status`: what runs, what is installed, what boots next and after that, and why nothing has happened if nothing has.
import { isComplete } from "../../domain/boot-graph.ts";
import { chain, predict } from "../../domain/loader.ts";
import { hasEntries, isWhole, isWithoutBoot } from "../../domain/situation.ts";
import { whyNowhere } from "../../domain/surroundings.ts";
import { newestFirst } from "../../domain/version-order.ts";
import type { StatusReport } from "../../wire/reports.ts";
import { bootFacts } from "../boot/boot-lines.ts";
import { findingsOf } from "../observe/diagnosis.ts";
import { updaterService } from "../observe/other-updaters.ts";
import { lockPath } from "../state/locked.ts";
import { type Observation, observe } from "../observe/observe.ts";
import { fileSystemLines, menuLines, nextVersion, versionLines, wayBackOf } from "./report-lines.ts";
import type { Session } from "../session.ts";

const reasons = {
  "one-shot": "it was chosen for this one boot",
  sysfail: "it was chosen for a failure of the firmware",
  "preferred-variable": "it is the preferred one",
  "preferred-config": "loader.conf prefers it",
  "default-variable": "it is the default",
  "default-config": "loader.conf makes it the default",
  order: "it is first in the menu",
  nothing: "the menu is empty",
} as const;

function age(nowMs: number, atMs: number): string {
  const hours = Math.floor((nowMs - atMs) / 3_600_000);
  if (hours < 1) return "less than an hour ago";
  if (hours < 48) return `${hours} ${hours === 1 ? "hour" : "hours"} ago`;
  return `${Math.floor(hours / 24)} days ago`;
}

/** In one line: why nothing has happened, if nothing has. */
function idleBecause(observation: Observation, nowMs: number): string {
  const { situation, facts } = observation;
  const nowhere = hasEntries(situation)
    ? whyNowhere(observation.boot.surroundings, situation.loader.otherLoader)
    : undefined;
  if (nowhere !== undefined) return `${nowhere.sentence}.`;
  const { running } = situation;
  const next = nextVersion(observation);
  if (running.onTrial)
    return `${running.version === undefined ? "It may be that a version" : `Version ${running.version}`} runs on trial; nothing is updated until its boot has been judged.`;
  const broken = situation.graph.nodes.find((node) => node.version === next && next !== undefined && !isComplete(node));
  if (broken !== undefined) return `Version ${next} would boot next and is not whole. Run: holdfast doctor --repair`;
  if (next !== undefined && running.version !== undefined && next !== running.version)
    return `Version ${next} starts with the next boot.`;
  if (facts.hold !== undefined && (facts.hold.untilMs === undefined || facts.hold.untilMs > nowMs))
    return "Updates are held.";
  if (facts.lastCheck === undefined) return "The sources have never been asked. Run: holdfast check";
  const asked = `The sources were asked ${age(nowMs, facts.lastCheck.atMs)}`;
  const { newest } = facts.lastCheck;
  if (newest === undefined) return `${asked} and offered nothing complete.`;
  const quarantined = [...situation.quarantine.values()].find(({ version }) => version === newest);
  if (quarantined !== undefined) return `${asked}; version ${newest} is passed over: ${quarantined.text}.`;
  const here = situation.inventory.instances.find(({ version }) => version === newest);
  if (here !== undefined)
    return isWhole(situation, here.version)
      ? `${asked} and had nothing newer than ${newest}.`
      : `Version ${newest} is installed in part. Run: holdfast update`;
  return `${asked}; version ${newest} is on offer and not installed yet.`;
}

function secureBootOf({ situation }: Observation): Pick<StatusReport, "secureBoot"> {
  const { secureBoot } = situation;
  if (secureBoot === undefined || secureBoot.kind === "absent") return {};
  if (secureBoot.kind !== "off") return { secureBoot: secureBoot.kind };
  return { secureBoot: secureBoot.why === "switched-off" ? "off" : secureBoot.why };
}

function quarantinedOf({ situation }: Observation): Pick<StatusReport, "quarantined"> {
  const quarantined = [...situation.quarantine.values()].map(({ version, evidence }) => ({ version, evidence }));
  return quarantined.length === 0 ? {} : { quarantined };
}

/** Of a component, what its link points at. */
function usedVersion({ situation }: Observation): Pick<StatusReport, "running" | "runningBecause"> {
  const { version, because } = situation.running;
  const linked = isWithoutBoot(situation) ? [...situation.linked.values()].sort(newestFirst)[0] : undefined;
  if (linked === undefined) return { running: version, runningBecause: because };
  return { running: linked, runningBecause: "its link points there" };
}

export async function statusReport(session: Session): Promise<StatusReport> {
  const observation = await observe(session, { catalog: false });
  const { situation, facts, boot } = observation;
  const nowMs = session.machine.clock.nowMs();
  const other = await updaterService(session);
  const prediction = predict(situation.loader);
  const after = [...new Set(chain(situation.loader).map(({ id }) => id))].filter((id) => id !== prediction.next?.id);
  return {
    ...usedVersion(observation),
    onTrial: situation.running.onTrial,
    versions: versionLines(observation),
    menu: menuLines(observation),
    ...(isWithoutBoot(situation)
      ? { bootsNext: undefined, bootsNextBecause: "", bootsThen: [] }
      : {
          bootsNext: nextVersion(observation) ?? prediction.next?.id,
          bootsNextBecause: reasons[prediction.because],
          bootsThen: after,
        }),
    wayBack: wayBackOf(observation),
    lastCheck:
      facts.lastCheck === undefined
        ? undefined
        : { atMs: facts.lastCheck.atMs, signedAtMs: facts.lastCheck.signedAtMs, newest: facts.lastCheck.newest },
    ...secureBootOf(observation),
    ...(await bootFacts(session, observation)),
    ...quarantinedOf(observation),
    held: facts.hold === undefined ? undefined : { untilMs: facts.hold.untilMs },
    lock: await session.machine.lock.owner(lockPath(session)),
    idleBecause:
      other === undefined ? idleBecause(observation, nowMs) : `${other.name} (process ${other.pid}) is at work.`,
    espPath: boot.esp?.path,
    espIsFat: boot.esp?.fileSystem.type === "vfat",
    fileSystems: fileSystemLines(observation),
    findings: await findingsOf(session, observation, { volumes: false }),
    nowMs,
  };
}

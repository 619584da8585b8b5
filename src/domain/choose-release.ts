// Which release an update goes to, or why it goes nowhere. Pure.
import { dateText } from "../base/date-text.ts";
import type { Version } from "../base/ids.ts";
import type { Planned } from "./plan.ts";
import type { Release } from "./resource.ts";
import { isWhole, type Situation } from "./situation.ts";
import { compareVersions } from "./version-order.ts";

export type Choice =
  | { readonly kind: "release"; readonly release: Release; readonly notices: readonly string[] }
  | Exclude<Planned, { kind: "plan" }>;

function refuse(
  code: "unknown-version" | "incomplete-release" | "withdrawn" | "held" | "on-trial",
  message: string,
  hint: string,
): Choice {
  return { kind: "refused", refusal: { code, message, hint } };
}

/** Newest version that is installed whole, whatever the loader thinks of it. */
export function newestWhole(situation: Situation): Version | undefined {
  return [...new Set(situation.inventory.instances.map(({ version }) => version))]
    .filter((version) => isWhole(situation, version))
    .sort((a, b) => compareVersions(b, a))[0];
}

function held(situation: Situation): boolean {
  return (
    situation.hold !== undefined && (situation.hold.untilMs === undefined || situation.hold.untilMs > situation.nowMs)
  );
}

function isNewer(version: Version, than: Version | undefined): boolean {
  return than !== undefined && compareVersions(version, than) > 0;
}

/** Why an older one on offer is not taken: a clause. */
function newerHere({ catalog }: Situation, version: Version, how: string, newer: string): string {
  if (catalog?.withdrawn.has(version) === true)
    return `version ${version} ${how}; its publisher has taken it back, and has nothing newer`;
  return `version ${version} ${how} and ${newer}`;
}

function chooseNamed({ catalog }: Situation, version: Version): Choice {
  const releases = catalog?.releases ?? [];
  if (catalog?.withdrawn.has(version) === true) {
    return refuse(
      "withdrawn",
      `Cannot update to ${version}: its publisher has taken it back`,
      "Update to another version; one that is installed already can be chosen with holdfast rollback.",
    );
  }
  const release = releases.find((item) => item.version === version);
  if (release === undefined) {
    const offered = releases.filter(({ missing }) => missing.length === 0).map((item) => item.version);
    const hint =
      offered.length === 0
        ? "The repository offers no complete version at all."
        : `It offers: ${offered.slice(0, 10).join(", ")}.`;
    return refuse("unknown-version", `Cannot update to ${version}: the repository does not offer it`, hint);
  }
  if (release.missing.length > 0) {
    return refuse(
      "incomplete-release",
      `Cannot update to ${version}: the repository has nothing of it for ${release.missing.join(", ")}`,
      "The publisher has not finished uploading it, or the definitions ask for more than is published.",
    );
  }
  return { kind: "release", release, notices: [] };
}

/** `wanted`: the version a person named; otherwise the newest complete one that has not failed here. */
export function chooseRelease(situation: Situation, wanted: Version | undefined): Choice {
  const releases = situation.catalog?.releases ?? [];
  if (held(situation)) {
    const until = situation.hold?.untilMs;
    const when = until === undefined ? "until you release them" : `until ${dateText(until)}`;
    return refuse("held", `Cannot update: updates are held ${when}`, "Release them with: holdfast hold --off");
  }
  if (situation.running.onTrial) {
    const { version, because } = situation.running;
    return refuse(
      "on-trial",
      version === undefined
        ? `Cannot update: a version is on trial, and it may be the one that runs (${because})`
        : `Cannot update: version ${version} runs on trial and has not been found good yet`,
      "Wait until its boot has been judged (boot-complete.target), or go back with holdfast rollback.",
    );
  }
  if (wanted !== undefined) return chooseNamed(situation, wanted);
  const offered = releases.filter(({ missing }) => missing.length === 0);
  const usable = offered.filter(({ version }) => !situation.quarantine.has(version));
  const release = usable[0];
  const installed = newestWhole(situation);
  const passedOver = [
    ...offered
      .filter(({ version }) => situation.quarantine.has(version))
      .map(
        ({ version }) =>
          `Version ${version} is passed over: ${situation.quarantine.get(version)?.text ?? "it failed here"}.`,
      ),
    // A definition whose resource is published no more would otherwise end all updates without a word (incident E32).
    ...releases
      .filter(({ version, missing }) => missing.length > 0 && isNewer(version, release?.version))
      .map(
        ({ version, missing }) =>
          `Version ${version} is passed over: nothing of it is offered for ${missing.join(", ")}.`,
      ),
  ];
  if (release === undefined) {
    const why =
      offered.length > 0
        ? "every version on offer has failed here or was gone back from"
        : releases.length === 0
          ? "the repository offers nothing"
          : `no version in the repository is complete (${releases[0]?.version} lacks ${releases[0]?.missing.join(", ")})`;
    return { kind: "nothing-to-do", version: installed, why, notices: passedOver };
  }
  if (
    installed !== undefined &&
    compareVersions(release.version, installed) < 0 &&
    !situation.quarantine.has(installed)
  ) {
    return {
      kind: "nothing-to-do",
      version: installed,
      why: newerHere(situation, installed, "is installed", `newer than anything on offer (${release.version})`),
      notices: passedOver,
    };
  }
  const running = situation.running.version;
  if (running !== undefined && compareVersions(release.version, running) < 0) {
    return {
      kind: "nothing-to-do",
      version: running,
      why: newerHere(situation, running, "runs", `is newer than anything else on offer (${release.version})`),
      notices: passedOver,
    };
  }
  return { kind: "release", release, notices: passedOver };
}

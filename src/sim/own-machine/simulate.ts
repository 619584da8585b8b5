// `holdfast simulate`: the user's definitions on a simulated machine like theirs, power cut at every call of every scenario.
import type { Fault } from "../../base/fault.ts";
import type { Digest } from "../../port/digest.ts";
import type { Progress } from "../../port/progress.ts";
import { explore, type ExploreReport } from "../explore.ts";
import { describePlaces } from "./assumptions.ts";
import { completeShape } from "./assume.ts";
import type { DefinitionFile, DefinitionPlace } from "./definition-files.ts";
import { type Initrd, fallbacks } from "./fallback.ts";
import { fallbackFindings, lintFindings, notModelled, roomFinding, scenarioFindings } from "./findings.ts";
import { Lab } from "./lab.ts";
import { ownCommands } from "./own-commands.ts";
import { planRoom, type RoomPlan } from "./plan-room.ts";
import { asRefusal, assumedOsRelease, readOwnDefinitions } from "./read-own.ts";
import type { RoomLine, ScenarioLine, Simulation, SimulationReport } from "./report.ts";
import { keptVersions, type OwnScenario, ownScenarios } from "./scenarios.ts";
import type { KnownShape } from "./shape.ts";
import { chooseVersions } from "./versions.ts";
import type { Transfer } from "../../format/definitions.ts";

export interface SimulationRequest {
  readonly files: readonly DefinitionFile[];
  readonly place: DefinitionPlace;
  readonly features: ReadonlyMap<string, boolean>;
  /** os-release(5) of the machine, without IMAGE_VERSION; assumed when absent. */
  readonly osRelease: string | undefined;
  /** What is known about the machine of these transfers. */
  readonly known: (transfers: readonly Transfer[]) => Promise<KnownShape>;
  readonly versions: readonly string[] | undefined;
  readonly seed: number;
  readonly statesPerCut: number;
  readonly powerCutsInARow: number;
  readonly seconds: number;
  readonly initrd: Initrd | undefined;
  readonly digest: Digest;
  readonly elapsedMs: () => number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Faults: kind "usage" for what was asked, "refused" for definitions that no update takes. */
export async function simulate(request: SimulationRequest): Promise<Simulation> {
  const lab = await makeLab(request);
  const scenarios = ownScenarios(lab, { fallsBack: false });
  const rooms = await asRefusal(() => planRooms(lab, scenarios));
  const initrds: readonly Initrd[] = request.initrd === undefined ? ["reboot", "hang"] : [request.initrd];
  const told = await fallbacks(lab, initrds);
  const fallsBack = told.some(({ cause, comesBack }) => comesBack && cause === "panic");
  const all = fallsBack ? ownScenarios(lab, { fallsBack }) : scenarios;
  const explored = await exploreAll(request, all, rooms);
  const lines = all.map((scenario, index) =>
    scenarioLine(scenario, explored[index], rooms.get(updateOf(scenario))?.lack),
  );
  const findings = [
    ...[...rooms].flatMap(([update, { lack }]) => (lack === undefined ? [] : [roomFinding(update, lack)])),
    ...fallbackFindings(told, request.initrd),
    ...lintFindings(lab),
    ...scenarioFindings(lines),
    ...notModelled(lab),
  ];
  const broken = lines.some(({ result }) => result === "broken");
  const report: SimulationReport = {
    format: 1,
    ...describePlaces(lab, request),
    seed: request.seed,
    statesPerCut: request.statesPerCut,
    powerCutsInARow: request.powerCutsInARow,
    versions: lab.options.versions,
    room: roomLines(rooms),
    scenarios: lines,
    fallbacks: told,
    findings,
    verdict: broken ? "broken" : findings.some(({ severity }) => severity === "error") ? "held-with-findings" : "held",
  };
  return { report, explored: explored.filter((one) => one !== undefined) };
}

async function makeLab(request: SimulationRequest): Promise<Lab> {
  const { place, seed, digest, osRelease = assumedOsRelease } = request;
  const { files, definitions } = await readOwnDefinitions(request.files, place, osRelease, request.features);
  const shape = completeShape(definitions.enabled, await request.known(definitions.enabled));
  const common = { seed, digest, files, osRelease, definitions, shape, commands: ownCommands(place) };
  const wanted = keptVersions(new Lab({ ...common, versions: [] })) + 1;
  const versions = chooseVersions(definitions.enabled, request.versions, Math.max(3, wanted));
  const lab = new Lab({ ...common, versions });
  // Patterns that can name no version are found here.
  await asRefusal(async () => versions.map((version) => lab.release(version)));
  return lab;
}

/** By update, as in "1 to 2"; what was planned once is not planned again. */
async function planRooms(lab: Lab, scenarios: readonly OwnScenario[]): Promise<ReadonlyMap<string, RoomPlan>> {
  const plans = new Map<string, RoomPlan>();
  for (const scenario of scenarios) {
    const target = scenario.offered.at(-1);
    if (target !== undefined) plans.set(updateOf(scenario), await planRoom(lab, scenario.installed, target));
  }
  return plans;
}

function updateOf({ installed, offered }: OwnScenario): string {
  return `${installed.at(-1) ?? "nothing"} to ${offered.at(-1) ?? ""}`;
}

function roomLines(rooms: ReadonlyMap<string, RoomPlan>): readonly RoomLine[] {
  const lines = new Map<string, RoomLine>();
  for (const { lines: some } of rooms.values())
    for (const line of some) lines.set(`${line.update} ${line.mountPoint}`, line);
  return [...lines.values()];
}

async function exploreAll(
  request: SimulationRequest,
  scenarios: readonly OwnScenario[],
  rooms: ReadonlyMap<string, RoomPlan>,
): Promise<readonly (Simulation["explored"][number] | undefined)[]> {
  const { seed, statesPerCut, powerCutsInARow, progress, signal, elapsedMs } = request;
  const end = elapsedMs() + request.seconds * 1000;
  const explored: (Simulation["explored"][number] | undefined)[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    signal.throwIfAborted();
    if (rooms.get(updateOf(scenario))?.lack !== undefined) {
      explored.push(undefined);
      continue;
    }
    const step = { index: index + 1, count: scenarios.length, title: `Cut the power: ${scenario.name}` };
    progress.report({ kind: "step", ...step });
    const begin = elapsedMs();
    // Each may take its share of what is left, so that the last one is not left out.
    const until = begin + (end - begin) / (scenarios.length - index);
    const enough = (): boolean => {
      signal.throwIfAborted();
      return elapsedMs() > until;
    };
    const report = await explore(await scenario.make(), {
      seed,
      statesPerCrash: statesPerCut,
      crashes: powerCutsInARow,
      enough,
    });
    explored.push({ ...report, seconds: (elapsedMs() - begin) / 1000 });
    progress.report({ kind: "step-done", ...step });
  }
  return explored;
}

function scenarioLine(
  scenario: OwnScenario,
  report: (ExploreReport & { readonly seconds: number }) | undefined,
  lack: Fault | undefined,
): ScenarioLine {
  const { name, boots } = scenario;
  if (report === undefined) {
    const none = { powerCuts: 0, powerCutsInAllStates: 0, diskStates: 0, distinctStates: 0, seconds: 0, violations: 0 };
    const sentence = lack?.message ?? "it does not fit";
    return { name, result: "not-possible", sentence, ...none, boots: [], stoppedEarly: false, shortest: undefined };
  }
  const { crashPoints, crashPointsCovered, outcomes, distinctStates, violations, shortest, stoppedEarly, seconds } =
    report;
  return {
    name,
    result: violations > 0 ? "broken" : "held",
    sentence: violations > 0 ? (shortest?.what.join("; ") ?? "") : whatHappens(scenario, crashPoints, outcomes),
    powerCuts: crashPoints,
    powerCutsInAllStates: crashPointsCovered,
    diskStates: outcomes,
    distinctStates,
    boots: [...boots].sort(),
    stoppedEarly,
    seconds,
    violations,
    shortest: shortest === undefined ? undefined : { what: shortest.what, schedule: shortest.schedule },
  };
}

function whatHappens({ installed, boots }: OwnScenario, moments: number, states: number): string {
  const versions = [...boots].sort().join(" or ");
  const nothingYet = installed.length === 0 ? "is as empty as before" : "has each version whole or not at all";
  const then =
    versions === "" ? nothingYet : installed.length === 0 ? `boots ${versions} or ${nothingYet}` : `boots ${versions}`;
  return `After a power cut at any of ${moments} moments (${states} disk states) this machine ${then}, and the next run finishes.`;
}

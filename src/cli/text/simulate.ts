// The text of `holdfast simulate`: the verdict, what was assumed, what a power cut does, room, and findings.
import type { ScenarioLine, SimulationReport } from "../../sim/own-machine/report.ts";
import { capital, type Look, harmless, paint, wrap } from "../look.ts";
import { table } from "../table.ts";
import { countText, sizeText } from "../units.ts";
import { renderFindings, section } from "./findings.ts";

const sources = { given: "given", machine: "this machine", repository: "the repository", assumed: "assumed" } as const;
const results = {
  held: { text: "held", style: "green" },
  broken: { text: "BROKEN", style: "red" },
  "not-possible": { text: "refused", style: "yellow" },
} as const;

export function renderSimulation(report: SimulationReport, look: Look): string {
  return (
    headOf(report, look) +
    section("Simulated machine", machineOf(report, look), look) +
    section("Power cuts", scenariosOf(report, look), look) +
    section("What happens", sentencesOf(report, look), look) +
    section("How it breaks", report.scenarios.map((scenario) => breakOf(scenario, look)).join(""), look) +
    section("Versions that do not start", fallbacksOf(report, look), look) +
    section("Room", roomOf(report, look), look) +
    section("Findings", renderFindings(report.findings, look), look) +
    footOf(report, look)
  );
}

function headOf({ verdict, scenarios, findings }: SimulationReport, look: Look): string {
  const cuts = scenarios.reduce((sum, { powerCuts }) => sum + powerCuts, 0);
  const states = scenarios.reduce((sum, { diskStates }) => sum + diskStates, 0);
  const tried = `${countText(cuts, "power cut")}, ${countText(states, "disk state")}`;
  const errors = findings.filter(({ severity }) => severity === "error").length;
  switch (verdict) {
    case "held":
      return `${paint(look, "green", `All promises held: ${tried}.`)}\n`;
    case "held-with-findings":
      return `${paint(look, "yellow", `All promises held (${tried}), and ${countText(errors, "error")} found.`)}\n`;
    case "broken":
      return `${paint(look, "red", `A promise does not hold: ${tried}.`)}\n`;
  }
}

function machineOf({ transfers, volumes, slots, assumptions }: SimulationReport, look: Look): string {
  const resources = transfers.map(({ transfer, target, contentBytes, travelBytes, sizeFrom }) => [
    harmless(transfer),
    contentBytes === travelBytes ? sizeText(contentBytes) : `${sizeText(contentBytes)} (${sizeText(travelBytes)})`,
    sources[sizeFrom],
    harmless(target),
  ]);
  const disks = [
    ...volumes.map(({ mountPoint, type, sizeBytes, roomBytes, from }) => [
      harmless(mountPoint),
      `${type}, ${sizeText(sizeBytes)}`,
      sources[from],
      `${sizeText(roomBytes)} for versions`,
    ]),
    ...slots.map(({ partitionType, count, sizeBytes, from, transfers: users }) => [
      partitionType,
      `${count} x ${sizeText(sizeBytes)}`,
      sources[from],
      `slots of ${harmless(users.join(", "))}`,
    ]),
  ];
  const notes = assumptions.map((text) => `${wrap(`* ${text}`, look.columns - 2, "  ")}\n`).join("");
  return (
    `${table(resources, look, { head: ["TRANSFER", "SIZE", "SIZE FROM", "TARGET"] })}\n\n` +
    `${table(disks, look, { head: ["DISK", "SIZE", "FROM", "USE"] })}\n\n${notes}`
  );
}

function scenariosOf({ scenarios }: SimulationReport, look: Look): string {
  const rows = scenarios.map(({ name, result, powerCuts, diskStates, stoppedEarly }) => [
    results[result],
    result === "not-possible" ? "" : `${powerCuts}`,
    result === "not-possible" ? "" : `${diskStates}`,
    `${harmless(name)}${stoppedEarly ? " (stopped early)" : ""}`,
  ]);
  return `${table(rows, look, { head: ["RESULT", "CUTS", "STATES", "SCENARIO"], right: [1, 2] })}\n`;
}

function sentencesOf({ scenarios }: SimulationReport, look: Look): string {
  return scenarios
    .filter(({ result }) => result !== "broken")
    .map(
      ({ name, sentence }) =>
        `${wrap(`* ${harmless(capital(name))}: ${harmless(small(sentence))}`, look.columns - 2, "  ")}\n`,
    )
    .join("");
}

const small = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function breakOf({ name, shortest, violations }: ScenarioLine, look: Look): string {
  if (shortest === undefined) return "";
  const lines = [
    `${harmless(capital(name))}, ${countText(violations, "time")}; the shortest:`,
    ...shortest.schedule.map((step, index) => `${index + 1}. ${harmless(step)}`),
    ...(shortest.schedule.length === 0 ? ["Without any power cut:"] : []),
    ...shortest.what.map((what) => `=> ${harmless(what)}`),
  ];
  const wrapped = lines.map((line, index) => (index === 0 ? "" : "  ") + wrap(line, look.columns - 4, "     "));
  return `${wrapped.join("\n")}\n`;
}

function fallbacksOf({ fallbacks }: SimulationReport, look: Look): string {
  return fallbacks.map(({ what, sentence }) => `${wrap(`* ${what}: ${sentence}.`, look.columns - 2, "  ")}\n`).join("");
}

function roomOf({ room }: SimulationReport, look: Look): string {
  if (room.length === 0) return "";
  const rows = room.map(({ update, mountPoint, freeBytes, peakBytes, removedBefore }) => [
    harmless(update),
    harmless(mountPoint),
    sizeText(peakBytes),
    sizeText(freeBytes),
    removedBefore.join(", "),
  ]);
  return `${table(rows, look, { head: ["UPDATE", "ON", "NEEDS", "FREE", "BEFORE THE DOWNLOAD"], right: [2, 3] })}\n`;
}

function footOf({ folders, seed, statesPerCut, powerCutsInARow }: SimulationReport, look: Look): string {
  const text = `Definitions: ${folders.map(harmless).join(", ")}. Seed ${seed}, up to ${statesPerCut} disk states a power cut, ${countText(powerCutsInARow, "power cut")} in a row; the same again with --seed=${seed} --states=${statesPerCut} --crashes=${powerCutsInARow}.`;
  return `\n${paint(look, "dim", wrap(text, look.columns))}\n`;
}

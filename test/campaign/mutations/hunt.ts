// Looks for a removal in a process of its own: scenarios first, the one that found it last time before all others, and a
// unit test where the list says that no simulated world can tell.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Removal } from "./removal.ts";

/** What a child is told. */
export interface Hunt {
  readonly seed: number;
  readonly scenarios: readonly string[];
  readonly statesPerCrash: number;
  readonly crashes: number;
  readonly maxStates: number;
  /** No further scenario is begun after so long. */
  readonly secondsMax: number;
  /** One fault at each call, instead of power cuts. */
  readonly faults?: boolean;
  /** Goes on behind what it finds. */
  readonly every?: boolean;
  readonly verbose?: boolean;
}

/** What a child tells. */
export type Told =
  | { readonly kind: "begins"; readonly scenario: string }
  | { readonly kind: "found"; readonly scenario: string; readonly saw: string }
  | { readonly kind: "survived" };

export interface Outcome {
  readonly removal: Removal;
  /** The scenario, or the file of unit tests, that noticed; nothing where none did. */
  readonly foundBy: string | undefined;
  readonly saw: string;
  readonly seconds: number;
}

const here = import.meta.dirname;
const root = join(here, "..", "..", "..");
/** A busy machine is slow; a removal that makes the agent run for ever ends here, and counts as not found. */
const silentSecondsMax = 600;

export async function hunt(removal: Removal, how: Hunt): Promise<Outcome> {
  const begin = performance.now();
  const outcome = (foundBy: string | undefined, saw: string): Outcome => ({
    removal,
    foundBy,
    saw,
    seconds: (performance.now() - begin) / 1000,
  });
  if (removal.unitTest !== undefined) {
    const failed = await failingTest(removal, removal.unitTest.file);
    return outcome(failed === undefined ? undefined : removal.unitTest.file, failed ?? "nothing");
  }
  const first = removal.scenario === undefined ? [] : [removal.scenario];
  const scenarios = [...new Set([...first, ...how.scenarios])];
  const { crashes = how.crashes, faults = false } = removal;
  const maxStates = how.maxStates * (crashes > 1 ? 20 : 1);
  const { told, last } = await inChild(removal, { ...how, scenarios, crashes, maxStates, faults });
  if (told === undefined) return outcome(undefined, `${last} did not come to an end within ${silentSecondsMax} s`);
  return told.kind === "found" ? outcome(told.scenario, told.saw) : outcome(undefined, "nothing");
}

/** What the scenarios find where nothing is removed. They find nothing: what they find elsewhere is worth something. */
export async function findings(how: Hunt): Promise<readonly string[]> {
  const heard: string[] = [];
  const { told, last } = await inChild(undefined, { ...how, every: true }, (message) => {
    if (message.kind === "found") heard.push(`${message.scenario}: ${message.saw}`);
  });
  return told === undefined ? [...heard, `${last} did not come to an end within ${silentSecondsMax} s`] : heard;
}

const flags = ["--disable-warning=ExperimentalWarning", "--import", join(here, "load-hook.ts")];

function inChild(
  removal: Removal | undefined,
  how: Hunt,
  hear: (told: Told) => void = () => {},
): Promise<{ readonly told: Exclude<Told, { kind: "begins" }> | undefined; readonly last: string | undefined }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, join(here, "child.ts")], {
      cwd: root,
      env: { ...process.env, REMOVAL: JSON.stringify(removal ?? null), HUNT: JSON.stringify(how) },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let told: Exclude<Told, { kind: "begins" }> | undefined;
    let last: string | undefined;
    let tooLong = false;
    let complaint = "";
    const wake = setTimeout(() => {
      tooLong = true;
      child.kill("SIGKILL");
    }, silentSecondsMax * 1000);
    createInterface(child.stdout).on("line", (line) => {
      wake.refresh();
      const message = JSON.parse(line) as Told;
      hear(message);
      if (message.kind === "begins") last = message.scenario;
      else told = message;
    });
    child.stderr.on("data", (bytes: Buffer) => {
      complaint = (complaint + bytes.toString()).slice(-4000);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(wake);
      if (told !== undefined || tooLong) return resolve({ told, last });
      reject(new Error(`Cannot look for ${removal?.what ?? "nothing"}: the child ended with ${code}\n${complaint}`));
    });
  });
}

/** The first test of the file that fails without what was removed. */
function failingTest(removal: Removal, file: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const args = [...flags, "--test", "--test-isolation=none", "--test-reporter=tap", file];
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, REMOVAL: JSON.stringify(removal) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.on("data", (bytes: Buffer) => {
      output += bytes.toString();
    });
    child.on("error", reject);
    child.on("close", () => resolve(/^\s*not ok \d+ - (.*)$/m.exec(output)?.[1]));
  });
}

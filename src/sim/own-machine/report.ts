// What `holdfast simulate` answers, as `--json` prints it and as text and JUnit are drawn from. Sizes are bytes.
// Fields are added, never renamed or removed.
import type { FindingLine } from "../../wire/reports.ts";
import type { ExploreReport } from "../explore.ts";
import type { KnownFrom } from "./shape.ts";

export interface TransferLine {
  readonly transfer: string;
  readonly source: string;
  readonly target: string;
  readonly role: "image" | "addon" | "entry";
  readonly contentBytes: number;
  readonly travelBytes: number;
  readonly sizeFrom: KnownFrom;
}

export interface VolumeLine {
  readonly mountPoint: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly roomBytes: number;
  readonly from: KnownFrom;
  /** What one version takes there; `undefined`: nothing. */
  readonly versionBytes: number | undefined;
}

export interface SlotLine {
  readonly device: string;
  readonly partitionType: string;
  readonly transfers: readonly string[];
  readonly count: number;
  readonly sizeBytes: number;
  readonly from: KnownFrom;
}

/** The room that one update needs, planned with the true sizes. */
export interface RoomLine {
  readonly update: string;
  readonly mountPoint: string;
  readonly freeBytes: number;
  /** At its fullest moment. */
  readonly peakBytes: number;
  /** Versions that have to go before the download, because of the room. */
  readonly removedBefore: readonly string[];
}

export interface ScenarioLine {
  readonly name: string;
  readonly result: "held" | "broken" | "not-possible";
  /** Why it is not possible; otherwise what the machine does, in a sentence. */
  readonly sentence: string;
  readonly powerCuts: number;
  /** Of those, the ones whose disk states were looked at without exception. */
  readonly powerCutsInAllStates: number;
  readonly diskStates: number;
  readonly distinctStates: number;
  /** What booted after a power cut. */
  readonly boots: readonly string[];
  readonly stoppedEarly: boolean;
  readonly seconds: number;
  readonly violations: number;
  /** The shortest way to break it. */
  readonly shortest: { readonly what: readonly string[]; readonly schedule: readonly string[] } | undefined;
}

/** What the boot loader and the initrd do by themselves with a version that does not start. */
export interface FallbackLine {
  readonly cause: "panic" | "image-missing";
  /** What the initrd does, where it comes so far. */
  readonly initrd: "reboot" | "hang" | undefined;
  readonly what: string;
  readonly sentence: string;
  readonly comesBack: boolean;
}

export interface SimulationReport {
  readonly format: 1;
  readonly folders: readonly string[];
  readonly component: string | undefined;
  readonly features: readonly { readonly feature: string; readonly enabled: boolean }[];
  readonly seed: number;
  readonly statesPerCut: number;
  readonly powerCutsInARow: number;
  readonly versions: readonly string[];
  readonly transfers: readonly TransferLine[];
  readonly volumes: readonly VolumeLine[];
  readonly slots: readonly SlotLine[];
  readonly assumptions: readonly string[];
  readonly room: readonly RoomLine[];
  readonly scenarios: readonly ScenarioLine[];
  readonly fallbacks: readonly FallbackLine[];
  readonly findings: readonly FindingLine[];
  readonly verdict: "held" | "held-with-findings" | "broken";
}

/** A report, and what it was made from, for JUnit. */
export interface Simulation {
  readonly report: SimulationReport;
  readonly explored: readonly (ExploreReport & { readonly seconds: number })[];
}

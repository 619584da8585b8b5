// What the transfer engine is to reach (issue, "Goals"), and whether the figures reach it.
import type { PairName } from "../images/recipes.ts";
import { median } from "../measure.ts";
import { yardstick } from "./methods.ts";
import type { MethodResult, PairResult } from "./results.ts";

export interface Verdict {
  readonly pair: PairName;
  readonly id: string;
  readonly method: string;
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

const deltaId = "holdfast-delta";
const chunksId = "holdfast-chunks";

const goalShare: Readonly<Partial<Record<PairName, number>>> = { rolling: 0.46, security: 0.6, "rolling-plain": 0.4 };
const goalCpu: Readonly<Record<string, number>> = { [deltaId]: 2.5, [chunksId]: 1.1 };
const goalWall = 1.5;
const goalRequests = 50;
const goalMemoryBytes = 200e6;
const goalPublisherSecondsPerGb = 150;

/** Every goal that a pair's figures say something about. */
export function verdicts(pair: PairResult): readonly Verdict[] {
  // On the small one starting a program costs more than all the rest.
  if (pair.name === "small") return [];
  const base = pair.methods.find(({ id }) => id === yardstick);
  const ours = pair.methods.filter(({ id }) => id === deltaId || id === chunksId);
  return base === undefined ? [] : ours.flatMap((method) => verdictsOf(pair, method, base));
}

function verdictsOf(pair: PairResult, method: MethodResult, base: MethodResult): readonly Verdict[] {
  const found: Verdict[] = [];
  const judge = (what: string, value: number, limit: number, shown: (value: number) => string): void => {
    const common = { pair: pair.name, id: method.id, method: method.title, what };
    found.push({ ...common, goal: `≤ ${shown(limit)}`, measured: shown(value), met: value <= limit });
  };
  const isDelta = method.id === deltaId;
  const share = goalShare[pair.name];
  if (isDelta && share !== undefined) judge("bytes, of desync's", method.bytes / base.bytes, share, twoDigits);
  judge("requests", method.requests, goalRequests, String);
  judge("client CPU, of desync's", cpuRatio(method), goalCpu[method.id] ?? Number.NaN, twoDigits);
  if (isDelta) judge("client wall, of desync's", wallRatio(method), goalWall, twoDigits);
  judge("client peak memory", peakMemory(method) ?? Number.NaN, goalMemoryBytes, (value) => `${megabytes(value)} MB`);
  judge(
    "publisher CPU a GB",
    publisherSecondsPerGb(pair, method),
    goalPublisherSecondsPerGb,
    (value) => `${value.toFixed(0)} s`,
  );
  if (isDelta)
    judge(
      "store growth",
      method.published.storeBytes,
      method.bytes + base.published.storeBytes,
      (value) => `${megabytes(value)} MB`,
    );
  return found;
}

export function cpuRatio({ rounds }: MethodResult): number {
  return median(rounds.map((round) => round.cpuSeconds / round.yardstickCpuSeconds));
}

export function wallRatio({ rounds }: MethodResult): number {
  return median(rounds.map((round) => round.wallSeconds / round.yardstickWallSeconds));
}

/** Of several processes that share their program's pages, what they take together; of one process, what it takes. */
export function peakMemory({ id, memory }: MethodResult): number | undefined {
  return id === deltaId || id === chunksId ? memory?.pssBytes : memory?.peakRssBytes;
}

export function publisherSecondsPerGb({ newer }: PairResult, { published }: MethodResult): number {
  return published.cpuSeconds / (newer.sizeBytes / 1e9);
}

export function twoDigits(value: number): string {
  return value.toFixed(2);
}

export function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(bytes < 20e6 ? 1 : 0);
}

/** What a miss would take, by method and what is measured; as the profiles of the runs say. */
export const remedies: Readonly<Record<string, string>> = {
  [`${deltaId} client CPU, of desync's`]:
    "Client CPU by delta: half of it is zstd in the child that rebuilds, which decompresses what a group draws upon and compresses changed clusters again. Clusters whose content is new could be shipped as they are, for more bytes; the rest hashes and writes the whole image, and reads it back.",
  [`${deltaId} client wall, of desync's`]:
    "Client wall time by delta: one child makes groups on one core while the agent needs half of the other; a second one would make use of it, for 40 MB of memory (a thread for less); zlib's own threads were tried and cost a third more CPU time. Proving the way back and reading back what was written are in the figure too, and desync does neither.",
  [`${deltaId} client peak memory`]:
    "Client memory by delta: Node itself is 75 MB for all processes, and each of three holds 12 to 35 MB before it does anything; a group less ahead, or smaller groups.",
  [`${deltaId} publisher CPU a GB`]:
    "Publisher CPU: scanning and decoding both images is half of it; scanning the older one once for several releases would save a part.",
  [`${chunksId} client CPU, of desync's`]:
    "Client CPU by chunks: an installed image that has no published index is cut anew to serve as seed, where desync is handed its index; the whole image is hashed, and read back.",
};

// How hard zstd works on each section. Its levels are made for windows of a few MiB: their tables hold a part of what a
// group draws upon, so tables are set here. The strong settings cost five times the fast ones for a tenth fewer bytes; the
// quick ones cost little more than half of them for four hundredths more.
import { constants } from "node:zlib";
import type { Piece, PiecedFile } from "./pieces.ts";

export type Settings = { readonly level: number } | "quick" | "fast" | "strong";

/** How the groups of one delta are done. */
export type Effort = { readonly level: number } | Shares;

/** What is to be done with which settings, and what was, in bytes; the rest is done with the fast ones. */
interface Shares {
  readonly strongShare: number;
  readonly quickShare: number;
  strong: number;
  quick: number;
  /** All but the groups that are not worth strong settings. */
  seen: number;
  all: number;
}

/** One core's seconds for a gigabyte of an image (issue 5, goals), less what reading, decoding and encoding take. */
const secondsAGigabyte = 60;
const quickSecondsAMegabyte = 0.06;
const fastSecondsAMegabyte = 0.1;
const strongSecondsAMegabyte = 0.5;
/** Shares of a group below which it has too little that compresses. */
const worthMin = 0.5;

/** So much of what changed is done with strong settings as the time allows, or with quick ones as it demands. Follows from the files alone, not from a clock. */
export function defaultEffort({ pieces, sizeBytes }: PiecedFile, same: Int32Array): Effort {
  let worth = 0;
  let all = 0;
  pieces.forEach((piece, index) => {
    if ((same[index] as number) >= 0) return;
    const length = piece.plainLength === 0 ? piece.length : piece.plainLength;
    all += length;
    if (compresses(piece)) worth += length;
  });
  const seconds = (secondsAGigabyte * sizeBytes) / 1e9 - (fastSecondsAMegabyte * all) / 1e6;
  const strong = (seconds / (strongSecondsAMegabyte - fastSecondsAMegabyte)) * 1e6;
  const quick = (-seconds / (fastSecondsAMegabyte - quickSecondsAMegabyte)) * 1e6;
  return { strongShare: share(strong, worth), quickShare: share(quick, all), strong: 0, quick: 0, seen: 0, all: 0 };
}

function share(part: number, whole: number): number {
  return Math.min(1, Math.max(0, part / Math.max(1, whole)));
}

/** Files of an image that lie there as they are did not compress. */
function compresses({ plainLength, file }: Piece): boolean {
  return plainLength > 0 || file < 0;
}

export function settingsFor(
  effort: Effort,
  pieces: readonly { readonly piece: Piece; readonly plain: Uint8Array }[],
  length: number,
): Settings {
  if ("level" in effort) return effort;
  effort.all += length;
  if (effort.quickShare > 0) {
    if (effort.quick + length > effort.quickShare * effort.all + length / 2) return "fast";
    effort.quick += length;
    return "quick";
  }
  const worth = pieces.reduce((sum, { piece, plain }) => sum + (compresses(piece) ? plain.length : 0), 0);
  if (worth < length * worthMin) return "fast";
  effort.seen += length;
  if (effort.strong + length > effort.strongShare * effort.seen + length / 2) return "fast";
  effort.strong += length;
  return "strong";
}

/** Tables for everything within the window. */
export function parametersOf(settings: Settings, windowLog: number): Record<number, number> {
  if (settings === "quick")
    return {
      [constants.ZSTD_c_compressionLevel]: 7,
      [constants.ZSTD_c_hashLog]: Math.min(23, windowLog),
      [constants.ZSTD_c_chainLog]: Math.min(23, windowLog),
    };
  if (settings === "fast")
    return {
      [constants.ZSTD_c_compressionLevel]: 12,
      [constants.ZSTD_c_hashLog]: Math.min(24, windowLog),
    };
  if (settings === "strong")
    return {
      [constants.ZSTD_c_compressionLevel]: 19,
      [constants.ZSTD_c_hashLog]: Math.min(24, windowLog),
      [constants.ZSTD_c_chainLog]: Math.min(25, windowLog + 1),
      [constants.ZSTD_c_searchLog]: 3,
      [constants.ZSTD_c_targetLength]: 64,
    };
  return { [constants.ZSTD_c_compressionLevel]: settings.level };
}

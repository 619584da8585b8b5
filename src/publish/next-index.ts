// The index that follows: its number grows, and it is never signed earlier than the one before (P9, P13).
import type { IndexedRelease, ReleaseIndex } from "../format/release-files.ts";

const dayMs = 86_400_000;

/** UTC without fractions of a second, as the index has it. */
function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

export function nextIndex(
  before: ReleaseIndex | undefined,
  releases: readonly IndexedRelease[],
  { nowMs, expiresDays }: { readonly nowMs: number; readonly expiresDays: number },
): ReleaseIndex {
  // A clock that went back must not make clients refuse the newer index.
  const createdMs = Math.max(nowMs, before === undefined ? 0 : Date.parse(before.created));
  return {
    serial: (before?.serial ?? 0) + 1,
    created: timeText(createdMs),
    expires: timeText(createdMs + expiresDays * dayMs),
    releases,
  };
}

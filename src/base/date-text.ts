// A moment as people read it; everything that is shown or written down for them uses this one form.

/** `2026-03-14 15:09 UTC`: one zone for all, so that reports of two machines can be compared. */
export function dateText(atMs: number): string {
  if (!Number.isFinite(atMs) || Math.abs(atMs) > 8.64e15) return "an impossible date";
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

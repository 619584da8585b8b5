// Numbers as people read them: sizes, rates, ages and dates.
import { dateText } from "../base/date-text.ts";

const mebibyte = 1024 * 1024;

/** `812.3 MiB`, `1.2 GiB`, `3.4 KiB`, `12 B`. */
export function sizeText(bytes: number): string {
  const sign = bytes < 0 ? "-" : "";
  const amount = Math.abs(bytes);
  if (amount < 1024) return `${sign}${amount} B`;
  if (amount < mebibyte / 10) return `${sign}${(amount / 1024).toFixed(1)} KiB`;
  if (amount < 10_000 * mebibyte) return `${sign}${(amount / mebibyte).toFixed(1)} MiB`;
  return `${sign}${(amount / mebibyte / 1024).toFixed(1)} GiB`;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A length of time in its largest unit, rounded down: `3 hours`, `1 day`. */
export function spanText(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 60) return counted(seconds, "second");
  if (seconds < 3600) return counted(Math.floor(seconds / 60), "minute");
  if (seconds < 48 * 3600) return counted(Math.floor(seconds / 3600), "hour");
  if (seconds < 60 * 86_400) return counted(Math.floor(seconds / 86_400), "day");
  if (seconds < 730 * 86_400) return counted(Math.floor(seconds / (30 * 86_400)), "month");
  return counted(Math.floor(seconds / (365 * 86_400)), "year");
}

/** `3 hours ago`; `just now` within a minute; the date itself where the clock says it is to come (P13). */
export function ageText(atMs: number, nowMs: number): string {
  if (atMs > nowMs + 60_000) return `${dateText(atMs)} (in the future)`;
  if (nowMs - atMs < 60_000) return "just now";
  return `${spanText(nowMs - atMs)} ago`;
}

/** `1 version`, `3 versions`. */
export function countText(count: number, noun: string): string {
  return counted(count, noun);
}

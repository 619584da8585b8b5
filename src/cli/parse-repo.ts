// Values of the options of `holdfast repo`.
import { chunkBytesHeldMax } from "../delta/chunk/stored-chunk.ts";
import { usageFault } from "./usage-fault.ts";

const sizes: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2 };

const averageMin = 4096;
/** The largest chunk is four times the average. */
const averageMax = chunkBytesHeldMax / 4;

/** The average size of chunks, a power of two from 4K to 4M; 0 for `none`. */
export function chunkSizeArgument(text: string): number {
  if (text === "none") return 0;
  const [, digits, unit = ""] = /^(\d{1,8})([KM]?)$/i.exec(text) ?? [];
  const size = Number(digits) * (sizes[unit.toUpperCase()] ?? Number.NaN);
  if (size >= averageMin && size <= averageMax && Math.log2(size) % 1 === 0) return size;
  throw usageFault(
    `Cannot read ${JSON.stringify(text.slice(0, 80))} as a size of chunks`,
    "Write a power of two from 4K to 4M, such as 64K, or none.",
  );
}

/** 1 to 100; the sign is optional. */
export function percentArgument(text: string): number {
  const percent = /^\d{1,3}%?$/.test(text) ? Number(text.replace("%", "")) : Number.NaN;
  if (percent >= 1 && percent <= 100) return percent;
  throw usageFault(
    `Cannot read ${JSON.stringify(text.slice(0, 80))} as a share`,
    "Write whole percents from 1 to 100, such as 10%.",
  );
}

export function portArgument(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw usageFault(`Cannot read ${JSON.stringify(text.slice(0, 80))} as a port`, "Write a number from 0 to 65535.");
}

// A line for each request that `holdfast repo serve` answered.
import type { ServedRequest } from "../context.ts";
import { harmless } from "../look.ts";

export function renderRequest({ from, method, path, range, status, bytes, milliseconds }: ServedRequest): string {
  const asked = range === undefined ? "" : ` ${range}`;
  return harmless(`${from} ${method} ${path}${asked} ${status} ${bytes} ${Math.round(milliseconds)}ms`);
}

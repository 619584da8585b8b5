// JSON as systemd prints it: `short` on one line, `pretty` with tabs and a space on both sides of the colon.
import type { JsonMode } from "./options.ts";

type Json = string | number | bigint | boolean | null | readonly Json[] | { readonly [name: string]: Json | undefined };

/** `undefined` properties are left out; bigints are printed as the numbers they are. */
export function sysupdateJson(value: Json, mode: Exclude<JsonMode, "off">): string {
  return `${write(value, mode === "pretty" ? "" : undefined)}\n`;
}

/** `indent` is `undefined` where all goes on one line. */
function write(value: Json, indent: string | undefined): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const deeper = indent === undefined ? undefined : `${indent}\t`;
  const isList = Array.isArray(value);
  const parts = isList
    ? (value as readonly Json[]).map((item) => write(item, deeper))
    : Object.entries(value)
        .filter((entry): entry is [string, Json] => entry[1] !== undefined)
        .map(([name, item]) => `${JSON.stringify(name)}${indent === undefined ? ":" : " : "}${write(item, deeper)}`);
  const [open, close] = isList ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  if (deeper === undefined) return `${open}${parts.join(",")}${close}`;
  return `${open}\n${deeper}${parts.join(`,\n${deeper}`)}\n${indent}${close}`;
}

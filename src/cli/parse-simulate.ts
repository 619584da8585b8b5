// Values of `holdfast simulate` on the command line; each parser returns the value or throws a Fault of kind "usage".
import { Fault } from "../base/fault.ts";
import { parseVersion } from "../base/ids.ts";
import { compareVersions } from "../domain/version-order.ts";
import { parseByteSize } from "../sim/own-machine/byte-size.ts";

function unreadable(what: string, text: string, hint: string): Fault {
  return new Fault("bad-value", `Cannot read ${JSON.stringify(text.slice(0, 80))} as ${what}`, { hint, kind: "usage" });
}

/** Two to six versions, oldest first: `24.1,24.2,24.3`. */
export function versionsArgument(text: string): readonly string[] {
  const versions = text.split(",").map(parseVersion);
  const rising = versions.every(
    (version, index) => index === 0 || compareVersions(versions[index - 1] ?? "", version) < 0,
  );
  if (versions.length >= 2 && versions.length <= 6 && rising) return versions;
  throw unreadable("versions", text, "Write two to six versions, oldest first, for example 24.1,24.2,24.3.");
}

/** `NAME=on` or `NAME=off`. */
export function featureArgument(text: string): readonly [name: string, on: boolean] {
  const match = /^([^=/]{1,200})=(on|off)$/.exec(text);
  if (match?.[1] !== undefined) return [match[1], match[2] === "on"];
  throw unreadable("a feature to switch", text, "Write its name and on or off, for example --feature=devel=on.");
}

/** `TRANSFER=SIZE`, where the size is as in 512M or 1.5G. */
export function resourceSizeArgument(text: string): readonly [transfer: string, bytes: number] {
  const match = /^([^=/]{1,200})=(.{1,40})$/.exec(text);
  const bytes = parseByteSize(match?.[2] ?? "");
  if (match?.[1] !== undefined && bytes !== undefined) return [match[1], bytes];
  throw unreadable("the size of a transfer", text, "Write the transfer and its size, for example --size=20-root=1.5G.");
}

/** A whole number from `min` to `max`. */
export function numberArgument(what: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw unreadable(what, text, `Write a whole number from ${min} to ${max}.`);
  };
}

export function initrdArgument(text: string): "reboot" | "hang" {
  if (text === "reboot" || text === "hang") return text;
  throw unreadable("what an initrd does", text, "Write reboot or hang: what yours does when the image is missing.");
}

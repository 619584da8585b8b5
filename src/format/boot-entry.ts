// Type 1 boot entries, loader/entries/*.conf: to values and back (Boot Loader Specification UAPI.1, interfaces D.8).
import { Fault } from "../base/fault.ts";
import { defined } from "./defined.ts";
import { keyValueLines } from "./key-value-lines.ts";

/** Paths are relative to the file system that holds the entry, and begin with a slash. */
export interface BootEntryFile {
  readonly title?: string;
  readonly version?: string;
  readonly machineId?: string;
  readonly sortKey?: string;
  readonly linux?: string;
  readonly efi?: string;
  readonly uki?: string;
  readonly ukiUrl?: string;
  readonly initrd: readonly string[];
  /** All `options` lines, joined by blanks. */
  readonly options?: string;
  readonly devicetree?: string;
  readonly devicetreeOverlay: readonly string[];
  /** The EFI machine name, such as "x64"; the loader hides the entry from other machines. */
  readonly architecture?: string;
  /** Number of the profile of a UKI. */
  readonly profile?: number;
  /** Addons and other extra files. */
  readonly extra: readonly string[];
}

const singleKeys = {
  title: "title",
  version: "version",
  "machine-id": "machineId",
  "sort-key": "sortKey",
  linux: "linux",
  efi: "efi",
  uki: "uki",
  "uki-url": "ukiUrl",
  devicetree: "devicetree",
  architecture: "architecture",
} as const satisfies Record<string, keyof BootEntryFile>;

/** The loader's limit. */
const maxProfile = 0xffff_ffff;

/** What the entry starts; undefined where it names nothing or two things: the loader does not show such an entry. */
export function bootEntryKind(entry: BootEntryFile): "linux" | "efi" | "uki" | "uki-url" | undefined {
  const kinds = [
    ...(entry.linux === undefined ? [] : (["linux"] as const)),
    ...(entry.efi === undefined ? [] : (["efi"] as const)),
    ...(entry.uki === undefined ? [] : (["uki"] as const)),
    ...(entry.ukiUrl === undefined ? [] : (["uki-url"] as const)),
  ];
  return kinds.length === 1 ? kinds[0] : undefined;
}

/** The loader uses either slash and does not ask for the first one. */
const bootPath = (value: string): string => `/${value.replaceAll("\\", "/").replace(/^\/+/, "")}`;

/** Any bytes are an entry, if an empty one; unknown keys are passed over and the last of a single key wins. */
export function parseBootEntry(bytes: Uint8Array): BootEntryFile {
  const pairs = keyValueLines(bytes);
  const all = (wanted: string): string[] => pairs.filter(([key]) => key === wanted).map(([, value]) => value);
  const last = (key: string): string | undefined => all(key).at(-1);
  const path = (key: string): string | undefined => {
    const value = last(key);
    return value === undefined ? undefined : bootPath(value);
  };
  const profile = last("profile");
  const options = all("options");
  return {
    ...defined({
      title: last("title"),
      version: last("version"),
      machineId: last("machine-id"),
      sortKey: last("sort-key"),
      linux: path("linux"),
      efi: path("efi"),
      uki: path("uki"),
      ukiUrl: last("uki-url"),
      options: options.length === 0 ? undefined : options.join(" "),
      devicetree: path("devicetree"),
      architecture: last("architecture"),
      profile:
        profile !== undefined && /^[0-9]{1,10}$/.test(profile) && Number(profile) <= maxProfile
          ? Number(profile)
          : undefined,
    }),
    initrd: all("initrd").map(bootPath),
    devicetreeOverlay: all("devicetree-overlay").flatMap((value) => value.split(/[ \t]+/).map(bootPath)),
    extra: all("extra").map(bootPath),
  };
}

/** The file's text. Throws a Fault for a value that would break out of its line, or be lost. */
export function formatBootEntry(entry: BootEntryFile): string {
  const lines: [string, string | undefined][] = Object.entries(singleKeys).map(([key, field]) => [key, entry[field]]);
  lines.push(["profile", entry.profile?.toString()], ["options", entry.options]);
  for (const path of entry.initrd) lines.push(["initrd", path]);
  if (entry.devicetreeOverlay.length > 0) lines.push(["devicetree-overlay", entry.devicetreeOverlay.join(" ")]);
  for (const path of entry.extra) lines.push(["extra", path]);
  return lines
    .filter((line): line is [string, string] => line[1] !== undefined)
    .map(([key, value]) => `${key} ${checked(key, value)}\n`)
    .join("");
}

function checked(key: string, value: string): string {
  if (/^[^\s"\p{Cc}](?:[^\p{Cc}]*[^\s\p{Cc}])?$/u.test(value)) return value;
  throw new Fault(
    "boot-entry-bad-value",
    `Cannot write a boot entry: the value ${JSON.stringify(value.slice(0, 80))} of ${key} does not fit on its line`,
  );
}

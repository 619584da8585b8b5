// loader/loader.conf: what systemd-boot was told to do without asking (loader.conf(5), interfaces D.8).
import { defined } from "./defined.ts";
import { keyValueLines } from "./key-value-lines.ts";

export interface LoaderConf {
  /** A glob over entry ids, or "@saved"; also chosen when the entry is bad. */
  readonly default?: string;
  /** A glob over entry ids; passes over bad entries. */
  readonly preferred?: string;
  /** Seconds the menu is shown. */
  readonly timeout?: number | "menu-force" | "menu-hidden" | "menu-disabled";
  /** "auto": reboot where the entry that cannot be started has tries left. */
  readonly rebootOnError?: "auto" | "yes" | "no";
  readonly editor?: boolean;
  readonly autoEntries?: boolean;
  readonly autoFirmware?: boolean;
}

const trueWords = ["1", "yes", "y", "true", "t", "on"];
const falseWords = ["0", "no", "n", "false", "f", "off"];

function readBoolean(text: string | undefined): boolean | undefined {
  if (text === undefined) return undefined;
  return trueWords.includes(text) ? true : falseWords.includes(text) ? false : undefined;
}

function readTimeout(text: string | undefined): LoaderConf["timeout"] | undefined {
  if (text === "menu-force" || text === "menu-hidden" || text === "menu-disabled") return text;
  return text !== undefined && /^[0-9]{1,9}$/.test(text) ? Number(text) : undefined;
}

function readRebootOnError(text: string | undefined): LoaderConf["rebootOnError"] | undefined {
  if (text === "auto") return text;
  const flag = readBoolean(text);
  return flag === undefined ? undefined : flag ? "yes" : "no";
}

/** Any bytes are a configuration; unknown keys and values are passed over, and the last valid one of a key wins. */
export function parseLoaderConf(bytes: Uint8Array): LoaderConf {
  const pairs = keyValueLines(bytes);
  const last = <T>(wanted: string, read: (text: string) => T | undefined): T | undefined =>
    pairs.flatMap(([key, value]) => (key === wanted ? [read(value)] : [])).findLast((value) => value !== undefined);
  const text = (value: string): string => value;
  return defined({
    default: last("default", text),
    preferred: last("preferred", text),
    timeout: last("timeout", readTimeout),
    rebootOnError: last("reboot-on-error", readRebootOnError),
    editor: last("editor", readBoolean),
    autoEntries: last("auto-entries", readBoolean),
    autoFirmware: last("auto-firmware", readBoolean),
  });
}

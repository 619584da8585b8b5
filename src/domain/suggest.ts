// Whether a feature or component is suggested for this machine: the conditions of systemd.unit(5), as far as they can be told.
import type { SuggestCondition, Suggestion } from "../format/suggestion.ts";
import { matchesShellPattern } from "./shell-glob.ts";
import { compareVersions } from "./version-order.ts";

/** What the conditions are held against. */
export interface SuggestFacts {
  readonly architecture: string;
  readonly hostName: string | undefined;
  /** Machine id, boot id and product UUID, without dashes, in lower case. */
  readonly ids: readonly string[];
  readonly kernelRelease: string | undefined;
  readonly kernelCommandLine: string;
  readonly isUefi: boolean;
  readonly hasDeviceTree: boolean;
  readonly osRelease: ReadonlyMap<string, string>;
  readonly machineTags: readonly string[];
  /** Files below /sys/class/dmi/id, by name. */
  readonly smbios: ReadonlyMap<string, string>;
}

export type Suggested =
  | { readonly kind: "yes" }
  | { readonly kind: "no" }
  /** A condition makes no sense, or asks for what cannot be told; `why` in systemd's words where it has some. */
  | { readonly kind: "unknown"; readonly why: string };

const invalid = "Invalid argument";

/** `undefined`: cannot be told; a text: why. */
type Verdict = boolean | string;

/** `field operator value` of ConditionOSRelease and smbios-field; the longest operator first. */
const comparison = /^\s*([\w.-]+)\s*(!\$=|\$=|<=|>=|<>|==|!=|=|<|>)\s*(.*)$/s;

function compare(value: string, operator: string, wanted: string): boolean {
  const order = compareVersions(value, wanted);
  switch (operator) {
    case "$=":
      return matchesShellPattern(wanted, value);
    case "!$=":
      return !matchesShellPattern(wanted, value);
    case "=":
      return value === wanted;
    case "!=":
      return value !== wanted;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<>":
      return order !== 0;
    default:
      return order === 0;
  }
}

/** All expressions of one argument have to hold; `values` says what each field is. */
function compareAll(argument: string, valueOf: (field: string) => string): Verdict {
  for (const word of argument.trim().split(/\s+/)) {
    const [, field, operator, wanted = ""] = comparison.exec(word) ?? [];
    if (field === undefined || operator === undefined) return invalid;
    if (!compare(valueOf(field), operator, wanted.replace(/^"(.*)"$/, "$1"))) return false;
  }
  return true;
}

function onFirmware(argument: string, facts: SuggestFacts): Verdict {
  if (argument === "uefi") return facts.isUefi;
  if (argument === "device-tree") return facts.hasDeviceTree;
  const expression = /^smbios-field\((.*)\)$/s.exec(argument)?.[1];
  if (expression === undefined) return argument.startsWith("device-tree-compatible(") ? "Not supported" : invalid;
  const [, field, operator, wanted = ""] = comparison.exec(expression) ?? [];
  if (field === undefined || operator === undefined) return invalid;
  const value = facts.smbios.get(field);
  return value !== undefined && compare(value, operator, wanted);
}

function onVersion(argument: string, facts: SuggestFacts): Verdict {
  const [first = "", ...rest] = argument.trim().split(/\s+/);
  if (["systemd", "glibc"].includes(first)) return "Not supported";
  const words = first === "kernel" ? rest : [first, ...rest];
  const { kernelRelease } = facts;
  if (kernelRelease === undefined) return "Not supported";
  return words.every((word) => {
    const [, operator = "$=", wanted = ""] = /^(!\$=|\$=|<=|>=|<>|==|!=|=|<|>)?(.*)$/s.exec(word) ?? [];
    return compare(kernelRelease, operator, wanted);
  });
}

function onHost(argument: string, { hostName, ids }: SuggestFacts): boolean {
  const id = argument.replaceAll("-", "").toLowerCase();
  if (/^[0-9a-f]{32}$/.test(id)) return ids.includes(id);
  return hostName !== undefined && matchesShellPattern(argument.toLowerCase(), hostName.toLowerCase());
}

function onCommandLine(argument: string, { kernelCommandLine }: SuggestFacts): boolean {
  const words = kernelCommandLine.trim().split(/\s+/);
  return words.some((word) => word === argument || (!argument.includes("=") && word.startsWith(`${argument}=`)));
}

function judge({ kind, argument }: SuggestCondition, facts: SuggestFacts): Verdict {
  switch (kind) {
    case "Architecture":
      return argument === "native" || argument === facts.architecture;
    case "Firmware":
      return onFirmware(argument, facts);
    case "Host":
      return onHost(argument, facts);
    case "KernelCommandLine":
      return onCommandLine(argument, facts);
    case "Version":
      return onVersion(argument, facts);
    case "OSRelease":
      return compareAll(argument, (field) => facts.osRelease.get(field) ?? "");
    case "MachineTag":
      return facts.machineTags.some((tag) => matchesShellPattern(argument, tag));
    case "Virtualization":
    case "Fraction":
    case "Credential":
    case "Security":
      return "Not supported";
  }
}

/** Every condition has to hold, and one of those written with `|`, where there are any. */
export function judgeSuggestion({ always, conditions }: Suggestion, facts: SuggestFacts): Suggested {
  if (always !== undefined) return { kind: always ? "yes" : "no" };
  if (conditions.length === 0) return { kind: "no" };
  const judged = conditions.map((condition) => {
    const verdict = judge(condition, facts);
    return { ...condition, verdict: typeof verdict === "boolean" ? verdict !== condition.negated : verdict };
  });
  const unknown = judged.find(({ verdict }) => typeof verdict === "string")?.verdict;
  if (typeof unknown === "string") return { kind: "unknown", why: unknown };
  const alternatives = judged.filter(({ alternative }) => alternative);
  const holds =
    judged.every(({ alternative, verdict }) => alternative || verdict === true) &&
    (alternatives.length === 0 || alternatives.some(({ verdict }) => verdict === true));
  return { kind: holds ? "yes" : "no" };
}

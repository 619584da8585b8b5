// The options of systemd-sysupdate (interfaces D.5), and which of them exclude one another.
import { Fault } from "../../base/fault.ts";
import { isComponentName } from "../../format/component-file.ts";
import { type OptionSpec, type ParsedOption, getopt } from "./getopt.ts";

export type JsonMode = "off" | "short" | "pretty";

export interface SysupdateOptions {
  readonly verb: string;
  readonly arguments: readonly string[];
  readonly help: boolean;
  readonly version: boolean;
  readonly json: JsonMode;
  /** `--json=help`: list the modes. */
  readonly jsonHelp: boolean;
  readonly legend: boolean;
  readonly component: string | undefined;
  readonly componentSelect: "explicit" | "all" | "suggested";
  readonly featureSelect: "explicit" | "all" | "suggested";
  readonly definitions: string | undefined;
  readonly root: string | undefined;
  readonly image: string | undefined;
  readonly transferSource: string | undefined;
  readonly instancesMax: number | undefined;
  readonly verify: boolean | undefined;
  readonly cleanup: boolean | undefined;
  readonly reboot: boolean;
  readonly offline: boolean;
}

/** In the order of the help text; `sync`, `image-policy` and `no-pager` are taken and change nothing here. */
export const sysupdateSpecs: readonly (OptionSpec & { readonly value?: string; readonly brief: string })[] = [
  { name: "component", short: "C", takesValue: true, value: "NAME", brief: "Select component to update" },
  { name: "component-all", short: "A", takesValue: false, brief: "Select all components" },
  { name: "component-suggested", short: "S", takesValue: false, brief: "Select all suggested components" },
  { name: "feature-all", short: "a", takesValue: false, brief: "Select all features" },
  { name: "feature-suggested", short: "s", takesValue: false, brief: "Select all suggested features" },
  { name: "definitions", takesValue: true, value: "DIR", brief: "Find definitions in this folder" },
  { name: "root", takesValue: true, value: "PATH", brief: "Work on the tree of another machine" },
  { name: "image", takesValue: true, value: "PATH", brief: "Refused: mount the image and use --root=" },
  { name: "image-policy", takesValue: true, value: "POLICY", brief: "Taken, and without effect" },
  { name: "transfer-source", takesValue: true, value: "PATH", brief: "Folder for PathRelativeTo=explicit" },
  { name: "instances-max", short: "m", takesValue: true, value: "INT", brief: "How many versions to keep" },
  { name: "sync", takesValue: true, value: "BOOL", brief: "Taken; Holdfast always flushes" },
  { name: "verify", takesValue: true, value: "BOOL", brief: "Force signature verification on or off" },
  { name: "reboot", takesValue: false, brief: "Reboot after updating to a newer version" },
  { name: "offline", takesValue: false, brief: "Do not ask the source" },
  { name: "cleanup", takesValue: true, value: "BOOL", brief: "Clean up after a completed update" },
  { name: "no-pager", takesValue: false, brief: "Taken; there is no pager" },
  { name: "no-legend", takesValue: false, brief: "No headings and totals" },
  { name: "json", takesValue: true, value: "MODE", brief: "Print JSON: pretty, short or off" },
  { name: "help", short: "h", takesValue: false, brief: "Show this help" },
  { name: "version", takesValue: false, brief: "Show the version" },
];

function refuse(message: string): Fault {
  return new Fault("usage", message, { kind: "usage" });
}

const truths = ["1", "yes", "y", "true", "t", "on"];
const lies = ["0", "no", "n", "false", "f", "off"];

/** Booleans as systemd reads them. */
function parseBoolean(option: string, text: string): boolean {
  const word = text.toLowerCase();
  if (truths.includes(word)) return true;
  if (lies.includes(word)) return false;
  throw refuse(`Failed to parse boolean argument to --${option}=: ${text}.`);
}

function parseCount(text: string): number {
  const count = /^\d{1,15}$/.test(text.trim()) ? Number(text) : Number.NaN;
  if (Number.isNaN(count)) throw refuse(`Failed to parse --instances-max= parameter: ${text}`);
  return count;
}

function parseJson(text: string | undefined): JsonMode {
  if (text === undefined || text === "off" || text === "help") return "off";
  if (text === "short" || text === "pretty") return text;
  throw refuse(`Unknown argument to --json= switch: ${text}`);
}

/** The last of the options that select one thing in several ways decides. */
function selection<T>(options: readonly ParsedOption[], ways: Readonly<Record<string, T>>, otherwise: T): T {
  const last = options.findLast(({ name }) => name in ways);
  return last === undefined ? otherwise : (ways[last.name] ?? otherwise);
}

export function parseSysupdate(argv: readonly string[]): SysupdateOptions {
  const { options, operands } = getopt(argv, sysupdateSpecs);
  const has = (name: string): boolean => options.some((option) => option.name === name);
  const value = (name: string): string | undefined => options.findLast((option) => option.name === name)?.value;
  const path = (name: string): string | undefined => {
    const text = value(name);
    if (text !== undefined && text.includes("\u0000")) throw refuse(`Failed to parse path of --${name}=`);
    return text === "" ? undefined : text;
  };
  const boolean = (name: string): boolean | undefined => {
    const text = value(name);
    return text === undefined ? undefined : parseBoolean(name, text);
  };
  boolean("sync");
  const componentSelect = selection(
    options,
    { component: "explicit", "component-all": "all", "component-suggested": "suggested" } as const,
    "explicit",
  );
  const component = componentSelect === "explicit" ? (value("component") ?? "") : "";
  if (component !== "" && !isComponentName(component)) {
    throw refuse(`Component name invalid: ${component}`);
  }
  const count = value("instances-max");
  const [verb = "list", ...rest] = operands;
  const parsed: SysupdateOptions = {
    verb,
    arguments: rest,
    help: has("help"),
    version: has("version"),
    json: parseJson(value("json")),
    jsonHelp: value("json") === "help",
    legend: !has("no-legend"),
    component: component === "" ? undefined : component,
    componentSelect,
    featureSelect: selection(options, { "feature-all": "all", "feature-suggested": "suggested" } as const, "explicit"),
    definitions: path("definitions"),
    root: path("root"),
    image: path("image"),
    transferSource: path("transfer-source"),
    instancesMax: count === undefined ? undefined : parseCount(count),
    verify: boolean("verify"),
    cleanup: boolean("cleanup"),
    reboot: has("reboot"),
    offline: has("offline"),
  };
  refuseContradictions(parsed);
  return parsed;
}

function refuseContradictions(options: SysupdateOptions): void {
  const { root, image, reboot, definitions, component, componentSelect } = options;
  if (root !== undefined && image !== undefined) {
    throw refuse("Please specify either --root= or --image=, the combination of both is not supported.");
  }
  if (root !== undefined || image !== undefined) {
    if (reboot) throw refuse("The --reboot switch may not be combined with --root= or --image=.");
    if (definitions !== undefined) {
      throw refuse("The --definitions= switch may not be combined with --root= or --image=.");
    }
  }
  if (component !== undefined || componentSelect !== "explicit") {
    if (reboot) {
      throw refuse("The --reboot switch may not be combined with --component=: it is for the OS that was booted.");
    }
    if (definitions !== undefined) {
      throw refuse("The --definitions= and --component= switches may not be combined.");
    }
  }
  if (image !== undefined) {
    throw new Fault("image-not-supported", "Cannot work on a disk image: Holdfast does not mount images itself", {
      hint: "Mount it with `systemd-dissect --mount IMAGE DIR` and use --root=DIR.",
      kind: "usage",
    });
  }
}

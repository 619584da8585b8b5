// The recipe of an OS image: an ini file that says which packages, modules and files its profiles consist of (os/README.md).
import { Fault } from "../base/fault.ts";
import { parseBoolean, parseUnit, splitWords, type Assignment } from "./unit-file.ts";

export type RecipeFaultCode =
  | "recipe-syntax"
  | "recipe-unknown-key"
  | "recipe-bad-value"
  | "recipe-incomplete"
  | "recipe-no-profile";

/** busybox: a shell script is process 1. systemd: systemd is, with udev. */
export type InitrdKind = "busybox" | "systemd";

/** What one flavour of the OS consists of. Paths are relative to the recipe's folder. */
export interface Profile {
  readonly name: string;
  /** The package of the kernel, as in `linux-image-cloud-amd64`; its name's beginning picks what is unpacked of it. */
  readonly kernel: string;
  readonly packages: readonly string[];
  /** Packages that others depend on and that are left out all the same. */
  readonly without: readonly string[];
  /** Folders laid over `/usr` in this order. */
  readonly files: readonly string[];
  /** Patterns below `/usr` of what is left out. */
  readonly remove: readonly string[];
  /** Units that start by themselves. */
  readonly enable: readonly string[];
  /** Kernel modules by name; what they depend on comes along. */
  readonly modules: readonly string[];
  readonly initrd: InitrdKind;
  /** Of the modules, those that the initrd needs. */
  readonly initrdModules: readonly string[];
  /** Patterns below `/usr` of what goes into a systemd initrd; the libraries they need come along. */
  readonly initrdFiles: readonly string[];
  /** Folders laid over the initrd in this order. */
  readonly initrdParts: readonly string[];
  /** Words of the kernel command line, beside those that the layout asks for. */
  readonly commandLine: readonly string[];
  /** zstd's, for image and initrd: 1 is quick, 19 small. */
  readonly compressionLevel: number;
  /** The agent with its own runtime is a part of the image. */
  readonly holdfast: boolean;
}

export interface Recipe {
  /** What the files of a release begin with, as in `os_1.efi`. */
  readonly name: string;
  /** For people, as in a boot menu. */
  readonly title: string;
  /** The Debian release that the packages are from. */
  readonly suite: string;
  readonly defaultProfile: string;
  readonly profiles: readonly Profile[];
}

type Lists = { -readonly [K in keyof Profile]?: Profile[K] extends readonly string[] ? string[] : Profile[K] };

const compressionLevelDefault = 9;

const listKeys = {
  Packages: "packages",
  Without: "without",
  Files: "files",
  Remove: "remove",
  Enable: "enable",
  Modules: "modules",
  InitrdModules: "initrdModules",
  InitrdFiles: "initrdFiles",
  InitrdParts: "initrdParts",
  CommandLine: "commandLine",
} as const;

/** `NAME`, `../NAME`, and where it goes behind a colon: `../initrd:usr/lib`. */
const folderPattern =
  /^(?:\.\.\/){0,2}(?:(?!\.\.?(?:\/|:|$))[A-Za-z0-9_.-]+\/)*(?!\.\.?(?::|$))[A-Za-z0-9_.-]+(?::(?:(?!\.)[A-Za-z0-9_.-]+\/?)+)?$/;
const belowUsr = /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[\x21-\x7e]{1,400}$/;

const wordPatterns: Readonly<Record<keyof typeof listKeys, readonly [pattern: RegExp, is: string]>> = {
  Packages: [/^[a-z0-9][a-z0-9+.-]{1,127}$/, "package name"],
  Without: [/^[a-z0-9][a-z0-9+.-]{1,127}$/, "package name"],
  Files: [folderPattern, "folder below the recipe's or one beside it"],
  InitrdParts: [folderPattern, "folder below the recipe's or one beside it"],
  Remove: [belowUsr, "pattern below /usr"],
  InitrdFiles: [belowUsr, "pattern below /usr"],
  CommandLine: [/^[\x21-\x7e]{1,400}$/, "word of a kernel command line"],
  Modules: [/^[A-Za-z0-9_-]{1,64}$/, "name of a kernel module"],
  InitrdModules: [/^[A-Za-z0-9_-]{1,64}$/, "name of a kernel module"],
  Enable: [/^[A-Za-z0-9:_.@\\-]{1,200}\.(service|socket|timer|path|target|mount)$/, "unit"],
};

/** Section `[Profile NAME]`. */
const profileSection = /^Profile ([a-z][a-z0-9-]{0,31})$/;

function recipeFault(code: RecipeFaultCode, file: string, line: number | undefined, state: string): Fault {
  const place = line === undefined ? file : `${file}:${line}`;
  return new Fault(code, `Cannot use the recipe ${place}: ${state}`, {
    hint: "os/README.md says what a recipe consists of.",
    details: { file, ...(line === undefined ? {} : { line }) },
  });
}

/** Reads a recipe; `file` is its name in messages. Throws a Fault for anything that is not understood. */
export function parseRecipe(file: string, text: string): Recipe {
  const assignments = parseAll(file, text);
  const heads = new Map<string, string>();
  const sections = new Map<string, Assignment[]>();
  for (const at of assignments) {
    const name = profileSection.exec(at.section)?.[1];
    if (name !== undefined) sections.set(name, [...(sections.get(name) ?? []), at]);
    else if (!["Name", "Title", "Suite", "Profile"].includes(at.key))
      throw recipeFault("recipe-unknown-key", file, at.line, `[Recipe] has no key ${shown(at.key)}`);
    else heads.set(at.key, at.value);
  }
  const demand = (key: string, pattern: RegExp): string => {
    const value = heads.get(key) ?? "";
    if (value === "") throw recipeFault("recipe-incomplete", file, undefined, `it has no ${key}= in [Recipe]`);
    if (!pattern.test(value))
      throw recipeFault("recipe-bad-value", file, undefined, `${key}=${shown(value)} is not usable`);
    return value;
  };
  if (sections.size === 0) throw recipeFault("recipe-incomplete", file, undefined, "it has no [Profile NAME]");
  const profiles = [...sections.keys()].map((name) => profileOf(file, name, sections));
  const defaultProfile = heads.get("Profile") ?? profiles[0]?.name ?? "";
  const recipe: Recipe = {
    name: demand("Name", /^[a-z][a-z0-9-]{0,31}$/),
    title: demand("Title", /^[\x20-\x7e]{1,80}$/),
    suite: demand("Suite", /^[a-z][a-z0-9-]{0,31}$/),
    defaultProfile,
    profiles,
  };
  findProfile(recipe, defaultProfile, file);
  return recipe;
}

/** The profile of that name; a Fault that lists those there are. */
export function findProfile(recipe: Recipe, name: string, file: string): Profile {
  const found = recipe.profiles.find((profile) => profile.name === name);
  if (found !== undefined) return found;
  const known = recipe.profiles.map((profile) => profile.name).join(", ");
  throw new Fault("recipe-no-profile", `Cannot use the recipe ${file}: it has no profile ${shown(name)}`, {
    hint: `Its profiles: ${known}.`,
    kind: "usage",
  });
}

function parseAll(file: string, text: string): readonly Assignment[] {
  const names = Array.from(text.matchAll(/^[ \t]*\[([^\]\n]*)\]/gm), ([, name]) => name ?? "");
  const wrong = names.find((name) => name !== "Recipe" && !profileSection.test(name));
  if (wrong !== undefined)
    throw recipeFault("recipe-unknown-key", file, undefined, `it has a section [${shown(wrong)}]`);
  let parsed;
  try {
    parsed = parseUnit({ path: file, text }, new Set(names));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const line = error.details["line"];
    const state = error.message.slice(error.message.indexOf(": ") + 2);
    throw recipeFault("recipe-syntax", file, typeof line === "number" ? line : undefined, state);
  }
  const [warning] = parsed.warnings;
  if (warning !== undefined)
    throw recipeFault("recipe-syntax", file, warning.line, warning.message.replace(", ignored", "").toLowerCase());
  return parsed.assignments;
}

/** Lists of a profile follow those of the one it extends; single values replace them. */
function profileOf(file: string, name: string, sections: ReadonlyMap<string, readonly Assignment[]>): Profile {
  const chain: string[] = [];
  for (let next: string | undefined = name; next !== undefined; ) {
    if (chain.includes(next))
      throw recipeFault("recipe-bad-value", file, undefined, `the profile ${next} extends itself`);
    const own: readonly Assignment[] | undefined = sections.get(next);
    if (own === undefined) throw recipeFault("recipe-no-profile", file, undefined, `it has no profile ${shown(next)}`);
    chain.unshift(next);
    next = own.findLast(({ key }) => key === "Extends")?.value;
  }
  const lists: Lists = {};
  for (const part of chain) for (const at of sections.get(part) ?? []) apply(lists, at, file);
  if (lists.kernel === undefined)
    throw recipeFault("recipe-incomplete", file, undefined, `the profile ${name} has no Kernel=`);
  const list = (words: readonly string[] | undefined): readonly string[] => [...new Set(words)];
  return {
    name,
    kernel: lists.kernel,
    packages: list(lists.packages),
    without: list(lists.without),
    files: list(lists.files),
    remove: list(lists.remove),
    enable: list(lists.enable),
    modules: list(lists.modules),
    initrd: lists.initrd ?? "systemd",
    initrdModules: list(lists.initrdModules),
    initrdFiles: list(lists.initrdFiles),
    initrdParts: list(lists.initrdParts),
    commandLine: lists.commandLine ?? [],
    compressionLevel: lists.compressionLevel ?? compressionLevelDefault,
    holdfast: lists.holdfast ?? false,
  };
}

function apply(lists: Lists, { section, key, value, line }: Assignment, file: string): void {
  const bad = (is: string): Fault => recipeFault("recipe-bad-value", file, line, `${key}=${shown(value)} is no ${is}`);
  if (key === "Extends") return;
  if (key === "Kernel") {
    if (!/^linux-image-[a-z0-9+.-]{1,100}$/.test(value)) throw bad("package of a kernel");
    lists.kernel = value;
  } else if (key === "Initrd") {
    if (value !== "busybox" && value !== "systemd") throw bad("kind of initrd (busybox, systemd)");
    lists.initrd = value;
  } else if (key === "CompressionLevel") {
    if (!/^([1-9]|1[0-9])$/.test(value)) throw bad("level of zstd from 1 to 19");
    lists.compressionLevel = Number(value);
  } else if (key === "Holdfast") {
    const yes = parseBoolean(value);
    if (yes === undefined) throw bad("boolean");
    lists.holdfast = yes;
  } else if (Object.hasOwn(listKeys, key)) {
    const name = listKeys[key as keyof typeof listKeys];
    const words = splitWords(value);
    const [pattern, is] = wordPatterns[key as keyof typeof listKeys];
    const wrong = words.find((word) => !pattern.test(word));
    if (wrong !== undefined)
      throw recipeFault("recipe-bad-value", file, line, `${key}= names ${shown(wrong)}, no ${is}`);
    lists[name] = words.length === 0 ? [] : [...(lists[name] ?? []), ...words];
  } else {
    throw recipeFault("recipe-unknown-key", file, line, `[${section}] has no key ${shown(key)}`);
  }
}

function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

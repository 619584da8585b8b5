// What part a resource plays in a boot, told from where it goes: the order of installation (P1) and removal (P2).
import type { Version } from "../base/ids.ts";
import type { Transfer, TransferTarget } from "../format/definitions.ts";
import { matchPatterns, type Pattern, patternFields } from "../format/pattern.ts";
import type { BootEntry } from "./boot-graph.ts";
import type { Role } from "./resource.ts";

/** Where ESP and XBOOTLDR are mounted by convention; the longer path first. */
const bootMounts = ["/boot/efi", "/boot", "/efi"];

/** The folder below a boot file system that `target` means, without slashes at its ends; undefined when it is elsewhere. */
export function bootFolder(target: TransferTarget): string | undefined {
  if (target.type === "partition") return undefined;
  if (target.pathRelativeTo !== "root") return target.path.replace(/^\/+|\/+$/g, "");
  const mount = bootMounts.find((path) => target.path === path || target.path.startsWith(`${path}/`));
  return mount === undefined ? undefined : target.path.slice(mount.length + 1);
}

/** FAT folds case, and so does the loader. */
function bootParts(folder: string, pattern: Pattern): readonly string[] {
  return `${folder}/${pattern.text}`
    .toLowerCase()
    .split("/")
    .filter((part) => part !== "");
}

/** Whether a name of `pattern` may end in `suffix`: a wildcard at the end may stand for anything. */
function mayEndIn(pattern: Pattern, suffix: string): boolean {
  const last = pattern.pieces.at(-1);
  return last?.kind === "field" || (last?.kind === "literal" && last.text.toLowerCase().endsWith(suffix));
}

function isEntryName(parts: readonly string[], pattern: Pattern): boolean {
  const folder = parts.slice(0, -1).join("/");
  return (
    (folder === "efi/linux" && mayEndIn(pattern, ".efi")) || (folder === "loader/entries" && mayEndIn(pattern, ".conf"))
  );
}

function isAddonName(parts: readonly string[]): boolean {
  return parts.some((part) => part.endsWith(".extra.d")) || (parts[0] === "loader" && parts[1] === "addons");
}

/** One name that the loader reads is enough for an entry: what may become visible is installed last. */
export function roleOf(target: TransferTarget): Role {
  const folder = bootFolder(target);
  if (folder === undefined) return "image";
  const all = target.patterns.map((pattern) => ({ pattern, parts: bootParts(folder, pattern) }));
  if (target.type === "regular-file" && all.some(({ parts, pattern }) => isEntryName(parts, pattern))) return "entry";
  return all.some(({ parts }) => isAddonName(parts)) ? "addon" : "image";
}

/** The part of `path` below `folder`, both relative to a boot file system; undefined when it is not in there. */
function below(path: string, folder: string): string | undefined {
  if (folder === "") return path;
  return path.toLowerCase().startsWith(`${folder.toLowerCase()}/`) ? path.slice(folder.length + 1) : undefined;
}

function versionUnder(target: TransferTarget, folder: string, entry: BootEntry): Version | undefined {
  const entryFolder = entry.type === 2 ? "EFI/Linux" : "loader/entries";
  const match = (name: string): ReturnType<typeof matchPatterns> => {
    const relative = below(`${entryFolder}/${name}`, folder);
    return relative === undefined ? undefined : matchPatterns(target.patterns, relative);
  };
  const found = match(entry.fileName);
  // A pattern without counters takes the loader's `+2-1` for a part of the version; the id is what it is meant for.
  if (found !== undefined && patternFields(found.pattern).has("l")) {
    return found.fields.version;
  }
  return match(entry.id)?.fields.version ?? found?.fields.version;
}

/** The transfer and version that an entry belongs to under `transfers`; undefined for an entry of another system (P11). */
export function versionOfEntry(
  transfers: readonly Transfer[],
  entry: BootEntry,
): { readonly transfer: Transfer; readonly version: Version } | undefined {
  for (const transfer of transfers) {
    const { target } = transfer;
    const folder = bootFolder(target);
    if (folder === undefined || roleOf(target) !== "entry") continue;
    const elsewhere = target.pathRelativeTo === "esp" || target.pathRelativeTo === "xbootldr";
    if (elsewhere && target.pathRelativeTo !== entry.where) continue;
    const version = versionUnder(target, folder, entry);
    if (version !== undefined) return { transfer, version };
  }
  return undefined;
}

// sysupdate.d/*.transfer: where one resource of a version comes from and where it goes (sysupdate.d(5), interfaces D.1).
import type { Fault } from "../base/fault.ts";
import type { SourceType, TargetType, Transfer, TransferSource, TransferTarget } from "./definitions.ts";
import { linuxGeneric } from "./partition-types.ts";
import type { Pattern } from "./pattern.ts";
import type { Specifiers } from "./specifier.ts";
import { type Draft, transferKeys, uniquePatterns } from "./transfer-keys.ts";
import { type UnitSource, unitFault, type Warning } from "./unit-file.ts";
import { isHttpUrl, readUnits } from "./unit-reader.ts";

const sourceTypes: readonly string[] = [
  "url-file",
  "url-tar",
  "tar",
  "regular-file",
  "directory",
  "subvolume",
] satisfies SourceType[];
const targetTypes: readonly string[] = ["partition", "regular-file", "directory", "subvolume"] satisfies TargetType[];
type RefusalCode = "definition-incomplete" | "definition-contradictory";

/** systemd's DEFAULT_FILE_INSTANCES_MAX. */
const defaultFileInstancesMax = 3;

const isSourceType = (text: string | undefined): text is SourceType => text !== undefined && sourceTypes.includes(text);
const isTargetType = (text: string | undefined): text is TargetType => text !== undefined && targetTypes.includes(text);

/**
 * Reads one transfer. `sources`: the definition, then its drop-ins in order. What systemd ignores with a message is a
 * warning here; what is missing or contradicts itself is a Fault (UnitFaultCode) that names file and line.
 */
export function parseTransfer(
  id: string,
  sources: readonly UnitSource[],
  specifiers: Specifiers,
): { transfer: Transfer; warnings: readonly Warning[] } {
  const draft: Draft = {
    transfer: {},
    lists: { protectVersions: [], changeLog: [], appStream: [], features: [], requisiteFeatures: [] },
    source: { patterns: [] },
    target: { patterns: [] },
  };
  const warnings = readUnits(sources, transferKeys(draft, specifiers), specifiers);
  const file = sources[0]?.path ?? id;
  const source = finishSource(draft, file);
  const target = finishTarget(draft, source, file);
  const { minVersion, maxVersion, verify } = draft.transfer;
  const transfer: Transfer = {
    id,
    file,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
    verify: verify ?? true,
    ...draft.lists,
    source,
    target,
  };
  return { transfer, warnings };
}

function finishSource({ source }: Draft, file: string): TransferSource {
  const refuse = (code: RefusalCode, state: string): Fault => unitFault(code, { file }, state);
  const { type, path, patterns: list } = source;
  if (type === undefined) throw refuse("definition-incomplete", "[Source] has no Type=");
  if (!isSourceType(type))
    throw refuse("definition-contradictory", `[Source] Type= must be one of ${sourceTypes.join(", ")}`);
  if (path === undefined) throw refuse("definition-incomplete", "[Source] has no Path=");
  if (list.length === 0) throw refuse("definition-incomplete", "[Source] has no MatchPattern=");
  const pathRelativeTo = source.relative ?? "root";
  if (pathRelativeTo !== "root" && pathRelativeTo !== "explicit")
    throw refuse("definition-contradictory", `[Source] PathRelativeTo=${pathRelativeTo} is for targets only`);
  if ((type === "directory" || type === "subvolume") && list.some((pattern) => pattern.anyDepth))
    throw refuse("definition-contradictory", `[Source] MatchPattern= with **/ cannot be used with Type=${type}`);
  if (type === "url-file" || type === "url-tar") {
    if (!isHttpUrl(path) && !/^file:\/\/\/[\x21-\x7e]*$/.test(path))
      throw refuse("definition-contradictory", `[Source] Path=${path} is no http, https or file URL`);
    const { chunkStore } = source;
    return { type, path, pathRelativeTo, patterns: list, ...(chunkStore === undefined ? {} : { chunkStore }) };
  }
  return { type, path: absolutePath(path, "[Source] Path", file), pathRelativeTo, patterns: list };
}

function derivedTargetType(source: TransferSource, path: string): TargetType {
  switch (source.type) {
    case "url-file":
    case "regular-file":
      return path.startsWith("/dev/") ? "partition" : "regular-file";
    case "subvolume":
      return "subvolume";
    case "url-tar":
    case "tar":
    case "directory":
      return "directory";
  }
}

function finishTarget({ target }: Draft, source: TransferSource, file: string): TransferTarget {
  const refuse = (code: RefusalCode, state: string): Fault => unitFault(code, { file }, state);
  if (target.path === undefined) throw refuse("definition-incomplete", "[Target] has no Path=");
  const type = target.type ?? derivedTargetType(source, target.path);
  if (!isTargetType(type))
    throw refuse("definition-contradictory", `[Target] Type= must be one of ${targetTypes.join(", ")}`);
  const fromFile = source.type === "url-file" || source.type === "regular-file";
  if (fromFile !== (type === "partition" || type === "regular-file"))
    throw refuse("definition-contradictory", `a source of Type=${source.type} cannot fill a target of Type=${type}`);
  if (target.path === "auto" && type !== "partition")
    throw refuse("definition-contradictory", "[Target] Path=auto is for Type=partition only");
  const path = target.path === "auto" ? "auto" : absolutePath(target.path, "[Target] Path", file);
  const pathRelativeTo = target.pathRelativeTo ?? "root";
  if (pathRelativeTo === "explicit")
    throw refuse("definition-contradictory", "[Target] PathRelativeTo=explicit is for sources only");
  if (pathRelativeTo !== "root" && type !== "regular-file" && type !== "directory")
    throw refuse(
      "definition-contradictory",
      `[Target] PathRelativeTo=${pathRelativeTo} cannot be used with Type=${type}`,
    );
  const own = target.patterns.length > 0 ? target.patterns : uniquePatterns(source.patterns.map(withoutDepth));
  if (own.some((pattern) => pattern.anyDepth))
    throw refuse("definition-contradictory", "[Target] MatchPattern= cannot begin with **/");
  const { instancesMax, ...others } = target;
  const settings = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined));
  return {
    ...settings,
    type,
    path,
    pathRelativeTo,
    patterns: own,
    ...(type === "partition" ? { partitionType: target.partitionType ?? linuxGeneric } : {}),
    ...finishInstancesMax(type, instancesMax),
    removeTemporary: target.removeTemporary ?? true,
    ...(target.currentSymlink === undefined ? {} : { currentSymlink: symlinkPath(target.currentSymlink, type, file) }),
  };
}

/** 0 and "not set" mean the default: every slot of a disk, three files or folders. */
function finishInstancesMax(type: TargetType, configured: number | undefined): { instancesMax?: number } {
  if (configured !== undefined && configured > 0) return { instancesMax: configured };
  return type === "partition" ? {} : { instancesMax: defaultFileInstancesMax };
}

const withoutDepth = (pattern: Pattern): Pattern =>
  pattern.anyDepth ? { ...pattern, text: pattern.text.slice("**/".length), anyDepth: false } : pattern;

/** The path without doubled or closing slashes. */
function absolutePath(path: string, what: string, file: string): string {
  if (!path.startsWith("/")) throw unitFault("definition-contradictory", { file }, `${what}=${path} is not absolute`);
  return `/${normalised(path, what, file)}`;
}

function normalised(path: string, what: string, file: string): string {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.includes(".") || parts.includes(".."))
    throw unitFault("definition-contradictory", { file }, `${what}=${path} contains . or ..`);
  return parts.join("/");
}

function symlinkPath(path: string, type: TargetType, file: string): string {
  if (path.startsWith("/")) return absolutePath(path, "[Target] CurrentSymlink", file);
  if (type === "partition")
    throw unitFault(
      "definition-contradictory",
      { file },
      "[Target] CurrentSymlink= must be absolute for Type=partition",
    );
  return normalised(path, "[Target] CurrentSymlink", file);
}

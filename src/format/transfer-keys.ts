// The keys of a transfer file, and how systemd reads the value of each (sysupdate.d(5), interfaces D.1).
import { Fault } from "../base/fault.ts";
import { isVersion, parseUuid, type Uuid, type Version } from "../base/ids.ts";
import type { Transfer, TransferTarget } from "./definitions.ts";
import { partitionTypeNamed } from "./partition-types.ts";
import { type Pattern, parsePattern } from "./pattern.ts";
import type { Specifiers } from "./specifier.ts";
import { splitWords, unitFault } from "./unit-file.ts";
import type { KeyReaders, Setting } from "./unit-reader.ts";

type Mutable<T> = { -readonly [K in keyof T]?: T[K] | undefined };
type TargetRelative = TransferTarget["pathRelativeTo"];

/** What has been read so far; undefined stands for "not set", also after an empty assignment. */
export interface Draft {
  readonly transfer: Mutable<Pick<Transfer, "minVersion" | "maxVersion" | "verify">>;
  readonly lists: {
    protectVersions: Version[];
    changeLog: string[];
    appStream: string[];
    features: string[];
    requisiteFeatures: string[];
  };
  readonly source: {
    type?: string | undefined;
    path?: string | undefined;
    relative?: TargetRelative | undefined;
    patterns: Pattern[];
    chunkStore?: string | undefined;
  };
  readonly target: Mutable<Omit<TransferTarget, "type" | "patterns">> & {
    type?: string | undefined;
    patterns: Pattern[];
  };
}

const relatives: readonly string[] = ["root", "esp", "xbootldr", "boot", "explicit"] satisfies TargetRelative[];
const instancesFloor = 2;

const isRelative = (text: string): text is TargetRelative => relatives.includes(text);

/** The transfer keys, in the order of the manual page. */
export function transferKeys(draft: Draft, specifiers: Specifiers): KeyReaders {
  const { transfer, lists, source, target } = draft;
  return {
    "Transfer.MinVersion": (s) => {
      transfer.minVersion = s.isReset ? undefined : (version(s) ?? transfer.minVersion);
    },
    "Transfer.MaxVersion": (s) => {
      transfer.maxVersion = s.isReset ? undefined : (version(s) ?? transfer.maxVersion);
    },
    "Transfer.ProtectVersion": (s) => {
      lists.protectVersions = appended(s, lists.protectVersions, version);
    },
    "Transfer.Verify": (s) => {
      transfer.verify = s.isReset ? undefined : (s.boolean() ?? transfer.verify);
    },
    "Transfer.ChangeLog": (s) => {
      lists.changeLog = appended(s, lists.changeLog, (setting) => setting.url());
    },
    "Transfer.AppStream": (s) => {
      lists.appStream = appended(s, lists.appStream, (setting) => setting.url());
    },
    "Transfer.Features": (s) => {
      lists.features = s.isReset ? [] : [...lists.features, ...splitWords(s.value)];
    },
    "Transfer.RequisiteFeatures": (s) => {
      lists.requisiteFeatures = s.isReset ? [] : [...lists.requisiteFeatures, ...splitWords(s.value)];
    },
    "Source.Type": (s) => {
      source.type = s.isReset ? undefined : s.value;
    },
    "Source.Path": (s) => {
      source.path = s.isReset ? undefined : s.expanded();
    },
    "Source.PathRelativeTo": (s) => {
      source.relative = relative(s, source.relative);
    },
    "Source.MatchPattern": (s) => {
      source.patterns = patterns(s, source.patterns);
    },
    "Source.X-ChunkStore": (s) => {
      source.chunkStore = s.isReset ? undefined : (s.url() ?? source.chunkStore);
    },
    "Target.Type": (s) => {
      target.type = s.isReset ? undefined : s.value;
    },
    "Target.Path": (s) => {
      target.path = s.isReset ? undefined : s.expanded();
    },
    "Target.PathRelativeTo": (s) => {
      target.pathRelativeTo = relative(s, target.pathRelativeTo);
    },
    "Target.MatchPattern": (s) => {
      target.patterns = patterns(s, target.patterns);
    },
    "Target.MatchPartitionType": (s) => {
      target.partitionType = s.isReset ? undefined : (partitionType(s, specifiers) ?? target.partitionType);
    },
    "Target.PartitionUUID": (s) => {
      target.partitionUuid = s.isReset ? undefined : (uuid(s) ?? target.partitionUuid);
    },
    "Target.PartitionFlags": (s) => {
      target.partitionFlags = s.isReset ? undefined : (hexFlags(s) ?? target.partitionFlags);
    },
    "Target.PartitionNoAuto": (s) => {
      target.noAuto = s.isReset ? undefined : (s.boolean() ?? target.noAuto);
    },
    "Target.PartitionGrowFileSystem": (s) => {
      target.growFileSystem = s.isReset ? undefined : (s.boolean() ?? target.growFileSystem);
    },
    "Target.ReadOnly": (s) => {
      target.readOnly = s.isReset ? undefined : (s.boolean() ?? target.readOnly);
    },
    "Target.Mode": (s) => {
      target.mode = s.isReset ? undefined : (octalMode(s) ?? target.mode);
    },
    "Target.TriesDone": (s) => {
      target.triesDone = s.isReset ? undefined : (s.count() ?? target.triesDone);
    },
    "Target.TriesLeft": (s) => {
      target.triesLeft = s.isReset ? undefined : (s.count() ?? target.triesLeft);
    },
    "Target.InstancesMax": (s) => {
      target.instancesMax = s.isReset ? undefined : (instancesMax(s) ?? target.instancesMax);
    },
    "Target.RemoveTemporary": (s) => {
      target.removeTemporary = s.isReset ? undefined : (s.boolean() ?? target.removeTemporary);
    },
    "Target.CurrentSymlink": (s) => {
      target.currentSymlink = s.isReset ? undefined : s.expanded();
    },
  };
}

function appended<T>(setting: Setting, list: T[], read: (setting: Setting) => T | undefined): T[] {
  if (setting.isReset) return [];
  const value = read(setting);
  return value === undefined ? list : [...list, value];
}

function version(setting: Setting): Version | undefined {
  const text = setting.expanded();
  return isVersion(text) ? text : setting.ignore("is no version");
}

/** As systemd reads enumerations with a default: empty goes back to it, nonsense changes nothing. */
function relative(setting: Setting, before: TargetRelative | undefined): TargetRelative | undefined {
  if (setting.isReset) return undefined;
  return isRelative(setting.value) ? setting.value : (setting.ignore("is no known anchor"), before);
}

function patterns(setting: Setting, before: readonly Pattern[]): Pattern[] {
  if (setting.isReset) return [];
  const texts = setting.expanded().split(/\s+/).filter(Boolean);
  const added = texts.map((text) => {
    try {
      return parsePattern(text);
    } catch (cause) {
      if (cause instanceof Fault) throw unitFault("definition-bad-pattern", setting.at, cause.message, cause);
      throw cause;
    }
  });
  return uniquePatterns([...before, ...added]);
}

export function uniquePatterns(list: readonly Pattern[]): Pattern[] {
  return [...new Map(list.map((pattern) => [pattern.text, pattern])).values()];
}

function partitionType(setting: Setting, specifiers: Specifiers): Uuid | undefined {
  return partitionTypeNamed(setting.value, specifiers["a"]) ?? uuid(setting);
}

function uuid(setting: Setting): Uuid | undefined {
  try {
    return parseUuid(setting.value);
  } catch {
    return setting.ignore("is no UUID");
  }
}

function hexFlags(setting: Setting): bigint | undefined {
  const digits = /^(?:0[xX])?([0-9a-fA-F]{1,16})$/.exec(setting.value)?.[1];
  return digits === undefined ? setting.ignore("is no 64-bit number in hex") : BigInt(`0x${digits}`);
}

function octalMode(setting: Setting): number | undefined {
  return /^0{0,4}[0-7]{1,4}$/.test(setting.value)
    ? Number.parseInt(setting.value, 8)
    : setting.ignore("is no file mode");
}

function instancesMax(setting: Setting): number | undefined {
  const count = setting.count();
  if (count === 1) {
    setting.ignore(`is less than ${instancesFloor}: ${instancesFloor} is used, the value`);
    return instancesFloor;
  }
  return count;
}

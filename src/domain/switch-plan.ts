// How to make an installed version what boots next, and after that: by counters alone, so that it holds on any
// firmware and without EFI variables. Pure.
import type { Version } from "../base/ids.ts";
import type { Transfer } from "../format/definitions.ts";
import { formatEntryName, parseEntryName } from "../format/entry-name.ts";
import { matchPatterns } from "../format/pattern.ts";
import type { BootEntry, GraphNode } from "./boot-graph.ts";
import { predict } from "./loader.ts";
import { versionOfEntry } from "./role.ts";
import { compareVersions } from "./version-order.ts";
import type { Situation } from "./situation.ts";

export interface EntryRename {
  readonly entry: BootEntry;
  readonly fileName: string;
  readonly version: Version;
}

export interface SwitchPlan {
  /**
   * The wanted version first becomes bootable, then the ones before it are passed over, what boots next last of all:
   * one between the two may be unable to boot, and must not come first at any moment (P6).
   */
  readonly renames: readonly EntryRename[];
  /** Versions that are passed over from now on. */
  readonly passedOver: readonly Version[];
  /** Entries that would have to be passed over and cannot be: no pattern of their transfer takes a counter. */
  readonly stuck: readonly BootEntry[];
  /** A choice in a variable that points elsewhere. */
  readonly clearOneShot: boolean;
  readonly clearDefault: boolean;
}

/** An entry that was given up: no tries left. Undefined when its transfer would no longer know it, or never did. */
function givenUp(transfers: readonly Transfer[], entry: BootEntry): EntryRename | undefined {
  const name = parseEntryName(entry.fileName);
  const known = versionOfEntry(transfers, entry);
  if (name === undefined || known === undefined) return undefined;
  const tries = { ...(entry.tries ?? { done: 0, leftWidth: 1, doneWidth: 1 }), left: 0 };
  const fileName = formatEntryName({ id: name.id, stem: name.stem, suffix: name.suffix, tries });
  const isBad = matchPatterns(known.transfer.target.patterns, fileName)?.fields.triesLeft === 0;
  return isBad && fileName !== entry.fileName ? { entry, fileName, version: known.version } : undefined;
}

function replaced(entries: readonly BootEntry[], renames: readonly EntryRename[]): readonly BootEntry[] {
  return entries.map((entry) => {
    const rename = renames.find((item) => item.entry === entry);
    if (rename === undefined) return entry;
    const tries = parseEntryName(rename.fileName)?.tries;
    return {
      ...entry,
      fileName: rename.fileName,
      path: `${entry.path.slice(0, entry.path.lastIndexOf("/") + 1)}${rename.fileName}`,
      tries,
    };
  });
}

/**
 * Going back, the entry loses its counter: it is known to boot and must not be passed over. Going forward to a version
 * newer than the running one, or to one that is still on trial, it gets its tries anew, so that it can fall back.
 */
function wantedName(situation: Situation, node: GraphNode & { readonly version: Version }): string {
  const { entry } = node;
  const running = situation.running.version;
  const transfer = versionOfEntry(situation.transfers, entry)?.transfer;
  const name = parseEntryName(entry.fileName);
  const left = transfer?.target.triesLeft;
  const onTrial = entry.tries !== undefined && entry.tries.left > 0 && node.version !== running;
  const forward = onTrial || (running !== undefined && compareVersions(node.version, running) > 0);
  if (!forward || entry.tries === undefined || name === undefined || left === undefined) return entry.id;
  // It has them all: switching to it once more changes nothing (P7).
  if (entry.tries.left === left && entry.tries.done > 0) return entry.fileName;
  // Where a power cut leaves the old name too, none of the new ones on the way down may be the same: counting is a rename,
  // and where the name is taken the loader starts the entry for ever.
  const done = entry.tries.done > 0 && left === entry.tries.left + entry.tries.done ? 1 : 0;
  const tries = { left, done, leftWidth: String(left).length, doneWidth: 1 };
  const fileName = formatEntryName({ id: name.id, stem: name.stem, suffix: name.suffix, tries });
  return transfer !== undefined && matchPatterns(transfer.target.patterns, fileName)?.fields.triesLeft === left
    ? fileName
    : entry.id;
}

/** `node` is the entry of the wanted version, known to be whole. */
export function planSwitch(situation: Situation, node: GraphNode & { readonly version: Version }): SwitchPlan {
  const { transfers, loader } = situation;
  const renames: EntryRename[] = [];
  const stuck: BootEntry[] = [];
  const wanted = wantedName(situation, node);
  if (wanted !== node.entry.fileName) renames.push({ entry: node.entry, fileName: wanted, version: node.version });
  const plain = { ...loader, choices: { ...loader.choices, oneShot: undefined, default: undefined } };
  for (;;) {
    const entries = replaced(loader.entries, renames);
    const next = predict({ ...plain, entries }).next;
    const at = next === undefined ? -1 : entries.indexOf(next);
    const entry = loader.entries[at];
    if (entry === undefined || entry === node.entry || renames.some((rename) => rename.entry === entry)) break;
    const rename = givenUp(transfers, entry);
    // Another system's entry, or one whose name cannot carry a counter, is left alone: the caller says so.
    if (rename === undefined) {
      stuck.push(entry);
      break;
    }
    renames.push(rename);
  }
  const final = replaced(loader.entries, renames);
  const target = final[loader.entries.indexOf(node.entry)];
  const without = (choices: typeof loader.choices): boolean =>
    predict({ ...loader, entries: final, choices }).next !== target;
  const clearOneShot = loader.choices.oneShot !== undefined && without({ ...loader.choices, default: undefined });
  const clearDefault = loader.choices.default !== undefined && without({ ...loader.choices, oneShot: undefined });
  const [first, others] = [
    renames.filter(({ entry }) => entry === node.entry),
    renames.filter(({ entry }) => entry !== node.entry),
  ];
  return {
    renames: [...first, ...others.toReversed()],
    passedOver: [...new Set(renames.map(({ version }) => version))].filter((version) => version !== node.version),
    stuck,
    clearOneShot,
    clearDefault,
  };
}

// What systemd-boot finds on a simulated ESP: read from the medium, judged as measured on real machines with broken
// files, and apart from the code under test.
import { Fault } from "../../base/fault.ts";
import type { BootEntry, Loadable } from "../../domain/boot-graph.ts";
import { bootEntryKind, parseBootEntry } from "../../format/boot-entry.ts";
import { parseEntryName } from "../../format/entry-name.ts";
import type { OsRelease } from "../../format/os-release.ts";
import { readUki, type Uki } from "../../format/uki.ts";
import type { Content } from "../disk/content.ts";
import type { DiskTree } from "../disk/disk-tree.ts";

/** An entry with what the loader would hand to the kernel. */
export interface FoundEntry {
  readonly entry: BootEntry;
  /** Of the UKI, or of the type 1 file. */
  readonly content: Content | undefined;
  readonly commandLine: string | undefined;
  /** Paths on the machine that a type 1 entry names. */
  readonly files: readonly string[];
}

type Facts = Pick<BootEntry, "title" | "version" | "sortKey" | "machineId">;

const noFacts: Facts = { title: undefined, version: undefined, sortKey: undefined, machineId: undefined };

/** In the order in which the loader finds them: type 1 before UKIs, the ESP before XBOOTLDR. */
export async function espEntries(
  tree: DiskTree,
  folders: { readonly esp: string; readonly xbootldr?: string },
): Promise<readonly FoundEntry[]> {
  const found: FoundEntry[] = [];
  for (const where of ["esp", "xbootldr"] as const) {
    const root = folders[where];
    if (root === undefined) continue;
    for (const name of tree.namesIn(`${root}/loader/entries`)) {
      const entry = confEntry(tree, where, root, name);
      if (entry !== undefined) found.push(entry);
    }
    for (const name of tree.namesIn(`${root}/EFI/Linux`)) {
      const entry = await ukiEntry(tree, where, root, name);
      if (entry !== undefined) found.push(entry);
    }
  }
  return found;
}

function confEntry(tree: DiskTree, where: BootEntry["where"], root: string, fileName: string): FoundEntry | undefined {
  const path = `${root}/loader/entries/${fileName}`;
  const content = readable(tree, path);
  const conf = parseBootEntry(content?.bytes() ?? new Uint8Array());
  const named = [conf.linux, conf.efi, conf.uki, conf.devicetree, ...conf.initrd].filter((file) => file !== undefined);
  const starts = bootEntryKind(conf) !== undefined;
  const loadable: Loadable = starts ? { kind: "yes" } : { kind: "ignored", why: "it names nothing to start" };
  const { title, version, sortKey, machineId } = conf;
  const entry = entryAt(path, fileName, where, ".conf", loadable, content, { title, version, sortKey, machineId });
  if (entry === undefined) return undefined;
  return { entry, content, commandLine: conf.options, files: named.map((file) => root + file) };
}

async function ukiEntry(
  tree: DiskTree,
  where: BootEntry["where"],
  root: string,
  fileName: string,
): Promise<FoundEntry | undefined> {
  const path = `${root}/EFI/Linux/${fileName}`;
  const content = readable(tree, path);
  const { loadable, uki } = await judge(content);
  const entry = entryAt(path, fileName, where, ".efi", loadable, content, factsOf(uki?.osRelease));
  return entry === undefined ? undefined : { entry, content, commandLine: uki?.cmdline, files: [] };
}

function entryAt(
  path: string,
  fileName: string,
  where: BootEntry["where"],
  suffix: string,
  loadable: Loadable,
  content: Content | undefined,
  facts: Facts,
): BootEntry | undefined {
  const name = parseEntryName(fileName);
  if (name?.suffix !== suffix) return undefined;
  const type = suffix === ".efi" ? 2 : 1;
  const sizeBytes = content?.sizeBytes ?? 0;
  return { id: name.id, path, fileName, where, type, tries: name.tries, ...facts, loadable, sizeBytes, stamp: "" };
}

/**
 * Measured with systemd-boot 257: empty, header destroyed, or so short that os-release is missing: passed over, counter
 * untouched. Cut further behind: listed, counted down, and the load fails.
 */
function judge(content: Content | undefined): Promise<Judged> {
  if (content === undefined) return Promise.resolve(ignored("it cannot be read"));
  const known = judged.get(content) ?? judgeContent(content);
  judged.set(content, known);
  return known;
}

interface Judged {
  readonly loadable: Loadable;
  readonly uki: Uki | undefined;
}

/** The same content is found in thousands of states, and the answer follows from it alone. */
const judged: WeakMap<Content, Promise<Judged>> = new WeakMap();

const ignored = (why: string): Judged => ({ loadable: { kind: "ignored", why }, uki: undefined });

async function judgeContent(content: Content): Promise<Judged> {
  try {
    // The loader looks at headers and small sections only, so it does not notice where the file ends.
    const read = async (offset: number, length: number): Promise<Uint8Array> =>
      content
        .slice(offset, offset + length)
        .resized(length)
        .bytes();
    const uki = await readUki({ sizeBytes: Number.MAX_SAFE_INTEGER, read });
    const end = Math.max(...uki.sections.map((section) => section.offset + section.size));
    const named = uki.sections.find((section) => section.name === ".osrel");
    if (named === undefined || named.offset + named.size > content.sizeBytes || (uki.osRelease?.all.size ?? 0) === 0) {
      return ignored("it has no os-release");
    }
    const cut = end > content.sizeBytes;
    return { loadable: cut ? { kind: "fails", why: "the file is cut short" } : { kind: "yes" }, uki };
  } catch (error) {
    if (error instanceof Fault) return ignored(error.message);
    throw error;
  }
}

function factsOf(os: OsRelease | undefined): Facts {
  if (os === undefined) return noFacts;
  return {
    title: os.prettyName ?? os.imageId ?? os.name ?? os.id,
    version: os.imageVersion ?? os.version ?? os.versionId ?? os.buildId,
    sortKey: os.imageId ?? os.id,
    machineId: undefined,
  };
}

function readable(tree: DiskTree, path: string): Content | undefined {
  const content = tree.peek(path, "medium");
  return content === "unreadable" ? undefined : content;
}

// Judges an ESP and the system beside it as a power cut left them, before anything is repaired: which entries the loader
// shows, whether each is whole together with its image, and what it starts next (P1, P3, P5; DESIGN, model of a disk).
import { createHash } from "node:crypto";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Fault } from "../../../src/base/fault.ts";
import type { BootEntry, Loadable } from "../../../src/domain/boot-graph.ts";
import { predict } from "../../../src/domain/loader.ts";
import { parseEntryName } from "../../../src/format/entry-name.ts";
import { readUki } from "../../../src/format/uki.ts";
import { type AuditedEntry, auditTree } from "../../../tools/lab/audit-tree.ts";
import { machineAt } from "../../../tools/lab/machine-tree.ts";
import type { LabRelease } from "../../../tools/lab/release.ts";
import { type FatFile, FatReader } from "./fat-reader.ts";

export interface EspView {
  /** Names, and what each leads to: a class that many states share. */
  readonly className: string;
  /** Names the loader shows that are broken, with why. */
  readonly broken: readonly string[];
  /** Names that it passes over: empty, or not to be read. */
  readonly dead: readonly string[];
  readonly bootable: readonly string[];
  /** All names in the folder of entries. */
  readonly names: readonly string[];
  /** What the loader starts next, and the version it belongs to when it is whole. */
  readonly next: { readonly fileName: string; readonly isWhole: boolean } | undefined;
  /** Names that share a chain of clusters. */
  readonly shared: readonly string[];
  /** Names whose long form is lost. */
  readonly shortNames: readonly string[];
}

/** `disk` has the volume at `offset`; `system` is the folder of images; `scratch` may be written to. */
export async function judgeEsp(
  disk: string,
  offset: number,
  system: string,
  releases: readonly LabRelease[],
  scratch: string,
): Promise<EspView> {
  await using file = await open(disk);
  const reader = await FatReader.open(file, offset);
  const files = (await reader.list()).filter(({ isFolder, path }) => !isFolder && /^EFI\/Linux\//i.test(path));
  const esp = join(scratch, "esp");
  await rm(esp, { recursive: true, force: true });
  const contents = new Map<FatFile, Buffer>();
  for (const found of files) {
    const bytes = found.isWhole ? await reader.read(found) : Buffer.alloc(0);
    contents.set(found, bytes);
    await mkdir(dirname(join(esp, found.path)), { recursive: true });
    await writeFile(join(esp, found.path), bytes);
  }
  const machine = { ...machineAt(scratch), esp, entries: join(esp, "EFI/Linux"), system };
  const audit = await auditTree(machine, releases);
  const shown = await loaderEntries(files, contents);
  const { next } = predict({ entries: shown, config: {}, choices: {}, supportsPreferred: false });
  const whole = new Set(
    audit.entries
      .filter(({ broken, version }) => broken === undefined && version !== undefined)
      .map(({ fileName }) => fileName),
  );
  const passedOver = new Set(
    shown.filter(({ loadable }) => loadable.kind === "ignored").map((entry) => entry.fileName),
  );
  const wrong = audit.entries.filter(({ broken, version }) => broken !== undefined || version === undefined);
  return {
    className: classOf(files, contents, releases),
    broken: wrong.filter(({ fileName }) => !passedOver.has(fileName)).map(whyWrong),
    dead: wrong.filter(({ fileName }) => passedOver.has(fileName)).map(whyWrong),
    bootable: audit.bootable,
    names: files.map(({ path }) => basename(path)),
    next: next && { fileName: next.fileName, isWhole: whole.has(next.fileName) },
    shared: sharing(files),
    shortNames: files.filter(({ hasLongName }) => !hasLongName).map(({ path }) => basename(path)),
  };
}

/** A name of an entry that belongs to no version is what is left of a long one. */
function whyWrong({ fileName, broken }: AuditedEntry): string {
  return broken === undefined ? `${fileName} is an entry of no version` : `${fileName} is broken, ${broken}`;
}

function sharing(files: readonly FatFile[]): readonly string[] {
  const owners = new Map<number, string>();
  const found: string[] = [];
  for (const { path, clusters } of files) {
    const owner = clusters.map((cluster) => owners.get(cluster)).find((name) => name !== undefined);
    if (owner !== undefined) found.push(`${owner} and ${basename(path)}`);
    for (const cluster of clusters) owners.set(cluster, basename(path));
  }
  return found;
}

function classOf(
  files: readonly FatFile[],
  contents: ReadonlyMap<FatFile, Buffer>,
  releases: readonly LabRelease[],
): string {
  const known = new Map(releases.flatMap((release) => release.files).map((file) => [file.sha256, file.name]));
  const whats = files.map((file) => {
    const bytes = contents.get(file) ?? Buffer.alloc(0);
    const digest = createHash("sha256").update(bytes).digest("hex");
    const what = !file.isWhole ? "damaged" : bytes.length === 0 ? "empty" : (known.get(digest) ?? "other bytes");
    return `${basename(file.path)} = ${what}`;
  });
  return [...whats.toSorted(), ...sharing(files).map((names) => `${names} share clusters`)].join(", ");
}

async function loaderEntries(
  files: readonly FatFile[],
  contents: ReadonlyMap<FatFile, Buffer>,
): Promise<readonly BootEntry[]> {
  const entries: BootEntry[] = [];
  for (const file of files) {
    const fileName = basename(file.path);
    const name = parseEntryName(fileName);
    if (name?.suffix !== ".efi") continue;
    const bytes = contents.get(file) ?? Buffer.alloc(0);
    const { loadable, version, sortKey } = await judgeUki(bytes);
    const facts = { title: undefined, version, sortKey, machineId: undefined };
    const base = { id: name.id, path: file.path, fileName, where: "esp", type: 2, tries: name.tries } as const;
    entries.push({ ...base, ...facts, loadable, sizeBytes: bytes.length, stamp: "" });
  }
  return entries;
}

/** Measured with systemd-boot 257: without headers or os-release it is passed over; otherwise it is listed. */
async function judgeUki(
  bytes: Buffer,
): Promise<{ loadable: Loadable; version: string | undefined; sortKey: string | undefined }> {
  try {
    const read = async (offset: number, length: number): Promise<Uint8Array> => bytes.subarray(offset, offset + length);
    const { osRelease } = await readUki({ sizeBytes: bytes.length, read });
    if (osRelease === undefined) throw new Fault("invalid", "Cannot read the UKI: it has no os-release");
    return { loadable: { kind: "yes" }, version: osRelease.imageVersion, sortKey: osRelease.imageId };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { loadable: { kind: "ignored", why: error.message }, version: undefined, sortKey: undefined };
  }
}

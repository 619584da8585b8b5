// An independent judge of a machine's tree. It shares no code with Holdfast's own audit: it knows the layout of the
// lab, the published bytes, and sha256, and says which visible entries are BROKEN (P1) and which versions could boot (P3).
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import type { LabMachine } from "./machine-tree.ts";
import { fileOf, sha256OfFile, type LabRelease } from "./release.ts";

export interface AuditedEntry {
  readonly fileName: string;
  /** `undefined`: the name is none of ours. */
  readonly version: string | undefined;
  /** Why it would not boot: its own bytes, or its image. `undefined`: whole. */
  readonly broken: string | undefined;
}

export interface TreeAudit {
  /** Everything the loader would list, by name. */
  readonly entries: readonly AuditedEntry[];
  readonly broken: readonly AuditedEntry[];
  /** Versions with a visible entry and an image that are both, together, what was published. */
  readonly bootable: readonly string[];
  /** Files in the folders of targets that are no resource of any version under a final name, relative to the root. */
  readonly leftovers: readonly string[];
}

/** Reads every byte it judges. `releases` is all that was ever published, re-published versions included. */
export async function auditTree(machine: LabMachine, releases: readonly LabRelease[]): Promise<TreeAudit> {
  const digests = new Map<string, string>();
  const digest = async (path: string): Promise<string> => {
    const known = digests.get(path) ?? (await sha256OfFile(path).catch(() => "absent"));
    digests.set(path, known);
    return known;
  };
  const entries: AuditedEntry[] = [];
  const visible = (await listFiles(machine.entries)).filter((path) => path.toLowerCase().endsWith(".efi"));
  for (const path of visible.sort()) {
    const version = entryName(machine.name).exec(basename(path))?.groups?.["version"];
    const broken = version === undefined ? undefined : await whyBroken(machine, releases, version, path, digest);
    entries.push({ fileName: basename(path), version, broken });
  }
  const whole = entries.filter((entry) => entry.broken === undefined).flatMap((entry) => entry.version ?? []);
  return {
    entries,
    broken: entries.filter((entry) => entry.broken !== undefined),
    bootable: [...new Set(whole)],
    leftovers: await findLeftovers(machine),
  };
}

/** An entry is whole when ONE publication of its version has both these bytes: mixing two of them is broken too. */
async function whyBroken(
  machine: LabMachine,
  releases: readonly LabRelease[],
  version: string,
  entryPath: string,
  digest: (path: string) => Promise<string>,
): Promise<string | undefined> {
  const published = releases.filter((release) => release.version === version);
  if (published.length === 0) return "nobody published this version";
  const own = await digest(entryPath);
  const image = await digest(join(machine.system, `${machine.name}_${version}.erofs`));
  if (
    published.some((release) => fileOf(release, "entry").sha256 === own && fileOf(release, "image").sha256 === image)
  ) {
    return undefined;
  }
  if (!published.some((release) => fileOf(release, "entry").sha256 === own)) return "the entry's own bytes are wrong";
  if (image === "absent") return "its image is absent";
  return published.some((release) => fileOf(release, "image").sha256 === image)
    ? "entry and image come from different publications"
    : "its image's bytes are wrong";
}

async function findLeftovers(machine: LabMachine): Promise<readonly string[]> {
  const final = [entryName(machine.name), imageName(machine.name)];
  const files = [...(await listFiles(machine.entries)), ...(await listFiles(machine.system))];
  return files
    .filter((path) => !final.some((pattern) => pattern.test(basename(path))))
    .map((path) => relative(machine.root, path))
    .sort();
}

function entryName(name: string): RegExp {
  return new RegExp(`^${escape(name)}_(?<version>[^+]+)(\\+\\d+(-\\d+)?)?\\.efi$`);
}

function imageName(name: string): RegExp {
  return new RegExp(`^${escape(name)}_[^/]+\\.erofs(\\.caibx)?$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

async function listFiles(folder: string): Promise<string[]> {
  const found: Dirent[] = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => []);
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

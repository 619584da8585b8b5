// What a release of the lab consists of, shared by the small ones, the real ones, the repository and the judge.
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

/** Chunk index (a decoy for updaters that match prefixes), root image, boot entry: KDE Linux's layout. */
export type LabRole = "index" | "image" | "entry";

export interface LabFile {
  readonly role: LabRole;
  /** As it is published: `os_2.erofs`. */
  readonly name: string;
  /** Where its bytes are. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

export interface LabRelease {
  /** What the files begin with, `os` in `os_2.erofs`. */
  readonly name: string;
  readonly version: string;
  readonly files: readonly LabFile[];
}

/** How a resource is called when it is published. */
export function publishedName(name: string, version: string, role: LabRole): string {
  return `${name}_${version}${{ index: ".erofs.caibx", image: ".erofs", entry: ".efi" }[role]}`;
}

/** sha256 of a file, read as a stream, as 64 lower-case hex digits. */
export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

/** Describes a file that is there. */
export async function describeFile(role: LabRole, name: string, path: string): Promise<LabFile> {
  return { role, name, path, sizeBytes: (await stat(path)).size, sha256: await sha256OfFile(path) };
}

/** The one file of a release that plays a role; throws when it has none. */
export function fileOf(release: LabRelease, role: LabRole): LabFile {
  const found = release.files.find((file) => file.role === role);
  if (found === undefined) throw new Error(`Release ${release.version} has no ${role}`);
  return found;
}

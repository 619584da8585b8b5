// The erofs image of /usr and its verity hashes: the same tree gives the same bytes.
import { Fault } from "../base/fault.ts";
import type { Build } from "./build.ts";
import { fixedHex, fixedUuid } from "./fixed-ids.ts";

const clusterBytes = 65536;

export async function makeErofs(build: Build): Promise<string> {
  const { workshop, tree, epochSeconds, recipe, version, profile } = build;
  const path = `${workshop.scratch}/usr.erofs`;
  await workshop.run("mkfs.erofs", [
    "--quiet",
    // Explicit, because what the default means changes from one erofs-utils to the next.
    `-zzstd,level=${profile.compressionLevel}`,
    `-C${clusterBytes}`,
    "-b4096",
    `-T${epochSeconds}`,
    `-U${fixedUuid(`${recipe.name} ${version} usr`)}`,
    "--all-root",
    path,
    `${tree}/usr`,
  ]);
  return path;
}

/** Writes `usr.verity` and answers the root hash. */
export async function makeVerity({ workshop, recipe, version }: Build, erofs: string): Promise<string> {
  const printed = await workshop.run("veritysetup", [
    "format",
    "--hash=sha256",
    "--data-block-size=4096",
    "--hash-block-size=4096",
    `--salt=${fixedHex(`${recipe.name} ${version} salt`)}`,
    `--uuid=${fixedUuid(`${recipe.name} ${version} verity`)}`,
    erofs,
    verityPath(workshop.scratch),
  ]);
  const hash = /^Root hash:\s*([0-9a-f]{64})\s*$/m.exec(printed)?.[1];
  if (hash !== undefined) return hash;
  throw new Fault("tool-failed", "Cannot build the image: veritysetup printed no root hash");
}

export function verityPath(scratch: string): string {
  return `${scratch}/usr.verity`;
}

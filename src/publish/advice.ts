// What would make updates cheaper, as far as images show it: what is compressed twice, and compression that a client cannot repeat.
import { Fault } from "../base/fault.ts";
import { mebibytes } from "../base/mebibytes.ts";
import { readErofs } from "../format/erofs/read-erofs.ts";
import { looksLikeErofs, readErofsSuperblock } from "../format/erofs/superblock.ts";
import type { ByteReader } from "../format/pe.ts";
import type { RepoDiffReport } from "../wire/repository-reports.ts";

/** How an image was made. */
export interface ImageHabits {
  readonly name: string;
  readonly erofs: boolean;
  /** Bits of the superblock; 0: nothing is compressed. */
  readonly compressions: number;
  readonly packedModules: { readonly count: number; readonly bytes: number };
}

const zstdBit = 8;
const packedModule = /\.ko\.(?:xz|zst|gz)$/;
/** Below that it does not matter. */
const bytesMin = 1 << 20;
/** Of what a delta of an entry may cost, against the whole. */
const dearEntry = 0.25;

/** What cannot be read has no habits. */
export async function imageHabits(name: string, image: ByteReader): Promise<ImageHabits> {
  const none = { name, erofs: false, compressions: 0, packedModules: { count: 0, bytes: 0 } };
  try {
    if (!(await looksLikeErofs(image))) return none;
    const { compressions } = await readErofsSuperblock(image);
    const modules = (await readErofs(image)).files.filter(({ path }) => packedModule.test(path));
    const bytes = modules.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return { name, erofs: true, compressions, packedModules: { count: modules.length, bytes } };
  } catch (error) {
    if (error instanceof Fault) return none;
    throw error;
  }
}

export function adviceFor(resources: RepoDiffReport["resources"], habits: readonly ImageHabits[]): readonly string[] {
  const images = habits.flatMap(({ name, erofs, compressions, packedModules: { count, bytes } }) => [
    ...(bytes >= bytesMin
      ? [
          `${name} has ${count} kernel modules that are compressed by themselves, ${mebibytes(bytes)}: store them plain, the image compresses them better, and deltas find what is the same in them.`,
        ]
      : []),
    ...(erofs && compressions === 0
      ? [
          `${name} is not compressed: with mkfs.erofs -zzstd,level=3 -C65536 it would be smaller, and its deltas no larger.`,
        ]
      : []),
    ...(erofs && compressions !== 0 && (compressions & zstdBit) === 0
      ? [
          `${name} is compressed in another way than zstd, which clients cannot repeat: make it with mkfs.erofs -zzstd,level=3.`,
        ]
      : []),
  ]);
  const costs = resources.flatMap(({ name, wholeBytes, delta, unreproducedBytes }) => [
    ...(unreproducedBytes >= bytesMin
      ? [
          `${mebibytes(unreproducedBytes)} of ${name} went into the delta as they are, because zstd does not make them again: give mkfs.erofs a fixed level, as in -zzstd,level=3, and one version of it.`,
        ]
      : []),
    ...(name.endsWith(".efi") && delta !== undefined && delta.bytes > wholeBytes * dearEntry && delta.bytes >= bytesMin
      ? [
          `${name} costs ${mebibytes(delta.bytes)} of ${mebibytes(wholeBytes)}: what is packed in it, kernel or initrd, changes as a whole. Make the initrd of the same files in the same order, and compress it little or not at all.`,
        ]
      : []),
  ]);
  return [...images, ...costs];
}

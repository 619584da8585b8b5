// Releases made in milliseconds, without external programs: seeded bytes for the image, a tiny UKI for the entry.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { SeededRandom } from "../../src/base/random.ts";
import { tinyErofs } from "../../src/format/erofs/tiny-erofs.fixture.ts";
import { describeFile, publishedName, type LabRelease, type LabRole } from "./release.ts";
import { tinyUki } from "./tiny-uki.ts";

export interface SmallReleaseOptions {
  readonly version: string;
  readonly name?: string;
  readonly imageBytes?: number;
  /** The image begins as erofs images do, and so many bytes in its middle are the same in all versions. */
  readonly sharedBytes?: number;
  /** Bytes that stand for the kernel, so that the entry has a size worth cutting. */
  readonly kernelBytes?: number;
  /** Publishes `NAME_VERSION.erofs.caibx` as well, whose name begins like the image's (KDE Linux, March 2026). */
  readonly index?: boolean;
  /** The same version with another seed is the same name with other bytes. */
  readonly seed?: number;
}

/** Writes the files of a release into `folder`; the same options give the same bytes. */
export async function makeSmallRelease(folder: string, options: SmallReleaseOptions): Promise<LabRelease> {
  const { version, name = "os", imageBytes = 200_000, kernelBytes = 20_000, index = false, seed = 0 } = options;
  const { sharedBytes } = options;
  const random = new SeededRandom(hashText(`${name} ${version}`) ^ seed);
  await mkdir(folder, { recursive: true });
  const contents: [LabRole, Uint8Array][] = [
    ["image", imageOf(random, imageBytes, sharedBytes)],
    [
      "entry",
      tinyUki({
        osRelease: osRelease(name, version),
        commandLine: `root=/dev/lab systemd.image=/system/${publishedName(name, version, "image")} panic=1`,
        linux: seededBytes(random, kernelBytes),
      }),
    ],
  ];
  if (index) contents.unshift(["index", seededBytes(random, 4096)]);
  const files = contents.map(async ([role, bytes]) => {
    const fileName = publishedName(name, version, role);
    await writeFile(join(folder, fileName), bytes);
    return describeFile(role, fileName, join(folder, fileName));
  });
  return { name, version, files: await Promise.all(files) };
}

function imageOf(random: SeededRandom, imageBytes: number, sharedBytes: number | undefined): Uint8Array {
  const image = seededBytes(random, imageBytes);
  if (sharedBytes === undefined) return image;
  image.set(seededBytes(new SeededRandom(1), sharedBytes), (imageBytes - sharedBytes) >>> 1);
  return tinyErofs(image);
}

/** What the os-release of a lab system says, in the image, in the entry and on the machine. */
export function osRelease(name: string, version: string): string {
  return `ID=${name}\nIMAGE_ID=${name}\nIMAGE_VERSION=${version}\nPRETTY_NAME="Lab OS ${version}"\n`;
}

/** `size` bytes that do not compress and do not repeat. */
export function seededBytes(random: SeededRandom, size: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(size / 4));
  for (let index = 0; index < words.length; index++) words[index] = random.next() * 4294967296;
  return new Uint8Array(words.buffer, 0, size);
}

function hashText(text: string): number {
  let hash = 2166136261;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16777619);
  return hash >>> 0;
}

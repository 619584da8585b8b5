// Releases for the tests of publishing: real erofs images of a megabyte, most of which stays the same from version to version.
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SeededRandom } from "../../src/base/random.ts";
import { describeFile, type LabRelease } from "../../tools/lab/release.ts";
import { createSigningKey, type SigningKey } from "../../tools/lab/signing.ts";
import { seededBytes } from "../../tools/lab/small-release.ts";
import { makeUsrRelease } from "../../tools/lab/usr-release.ts";
import { describeMissing, ensureTools } from "../../tools/toolbox/toolbox.ts";

/** What is missing on this machine, in words; undefined when all is there. */
export async function whyNoReleases(): Promise<string | undefined> {
  const { missing, binFolder } = await ensureTools(["mkfs.erofs"]);
  if (missing.length > 0) return describeMissing(missing).join(" ");
  process.env["PATH"] = `${binFolder}:${process.env["PATH"] ?? ""}`;
  return undefined;
}

/** A folder for a test, with a key in it. */
export class Place implements AsyncDisposable {
  readonly folder: string;
  readonly key: SigningKey;
  readonly keyFile: string;
  readonly repository: string;

  private constructor(folder: string, key: SigningKey) {
    this.folder = folder;
    this.key = key;
    this.keyFile = join(folder, "key.pgp");
    this.repository = join(folder, "repository");
  }

  static async create(): Promise<Place> {
    const place = new Place(await mkdtemp(join(tmpdir(), "holdfast-publish-")), await createSigningKey());
    await place.key.save(place.keyFile);
    return place;
  }

  async release(version: string): Promise<LabRelease> {
    const folder = join(this.folder, `build-${version}`);
    const random = new SeededRandom(1);
    const files = {
      "share/large": seededBytes(random, 1_000_000),
      "share/changes": seededBytes(new SeededRandom(Number(version)), 20_000),
    };
    await mkdir(folder);
    await makeUsrRelease(folder, { version, files });
    const image = `os_${version}.erofs`;
    const entry = `os_${version}.efi`;
    return {
      name: "os",
      version,
      files: [
        await describeFile("image", image, join(folder, image)),
        await describeFile("entry", entry, join(folder, entry)),
      ],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

// What a file of a release has in it once it is decompressed: the digest by which machines know what they have installed.
import type { Compression } from "../port/decoder.ts";
import type { Content } from "../format/release-files.ts";
import { bytesOf, digestOf, type FileDigest } from "./files.ts";
import type { Publisher } from "./publisher.ts";

const contentBytesMax = 2 ** 42;

const magics: readonly (readonly [readonly number[], Compression])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], "zst"],
  [[0x1f, 0x8b], "gz"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
  [[0x42, 0x5a, 0x68], "bz2"],
];

/** Told by its first bytes, as the agent tells it. */
export async function contentOf(publisher: Publisher, path: string, file: FileDigest): Promise<Content> {
  const { disk, digest, decoder } = publisher.machine;
  await using open = await disk.open(path, "read");
  const begin = new Uint8Array(6);
  await open.read(0, begin);
  const compression = magics.find(([magic]) => magic.every((byte, at) => begin[at] === byte))?.[1];
  if (compression === undefined) return file;
  return await digestOf(digest, decoder.decompress(compression, bytesOf(open), contentBytesMax));
}

// Whether an initrd has the parts that give a failed boot up (os/initrd, P8): a stock one waits for a key when its image
// is missing, and no loader falls back from that.
import { Fault } from "../base/fault.ts";
import { readCpio } from "../format/cpio.ts";
import type { ByteReader } from "../format/pe.ts";
import { readPe } from "../format/pe.ts";
import type { Compression, Decoder } from "../port/decoder.ts";

export type InitrdVerdict =
  | { readonly kind: "has-parts" }
  /** `what`: the path that is not in it. */
  | { readonly kind: "lacks-parts"; readonly what: string }
  | { readonly kind: "unknown"; readonly why: string };

/** By which an initrd is known to reboot where a stock one waits for a key. */
export const initrdMarker = "usr/lib/holdfast/initrd/holdfast-initrd";
/** Only where systemd runs in the initrd is there an emergency shell to stand in for. */
const systemd = "usr/lib/systemd/systemd";
const emergency = "usr/lib/systemd/system/emergency.service.d/10-holdfast.conf";

const pieceBytes = 256 * 1024;
/** Unpacked; the largest of 2026 have a few hundred MB. */
const unpackedBytesMax = 4 * 2 ** 30;

const compressions: readonly (readonly [readonly number[], Compression])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], "zst"],
  [[0x1f, 0x8b], "gz"],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], "xz"],
  [[0x42, 0x5a, 0x68], "bz2"],
];

class Search {
  #marker = false;
  #systemd = false;
  #emergency = false;
  /** No more files can change the answer. */
  get isOver(): boolean {
    return this.#marker && this.#emergency;
  }

  see(path: string): void {
    const name = path.replace(/^\.?\//, "").replace(/^lib\//, "usr/lib/");
    this.#marker ||= name === initrdMarker;
    this.#systemd ||= name === systemd;
    this.#emergency ||= name === emergency;
  }

  verdict(): InitrdVerdict {
    if (!this.#marker) return { kind: "lacks-parts", what: initrdMarker };
    if (this.#systemd && !this.#emergency) return { kind: "lacks-parts", what: emergency };
    return { kind: "has-parts" };
  }
}

/** Of the first `.initrd` of a unified kernel image. */
export async function judgeUkiInitrd(image: ByteReader, decoder: Decoder): Promise<InitrdVerdict> {
  return told(async () => {
    const { sections } = await readPe(image);
    const section = sections.find(({ name }) => name === ".initrd");
    if (section === undefined) return { kind: "unknown", why: "it brings no initrd along" };
    const { offset, size, virtualSize } = section;
    const sizeBytes = virtualSize === 0 ? size : Math.min(size, virtualSize);
    return judge(
      [{ sizeBytes, read: (at, length) => image.read(offset + at, Math.min(length, sizeBytes - at)) }],
      decoder,
    );
  });
}

/** Of files that the loader hands to the kernel one after the other. */
export async function judgeInitrds(files: readonly ByteReader[], decoder: Decoder): Promise<InitrdVerdict> {
  return told(() => judge(files, decoder));
}

/** What cannot be read is not known; nothing else goes wrong here. */
async function told(work: () => Promise<InitrdVerdict>): Promise<InitrdVerdict> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { kind: "unknown", why: error.message };
  }
}

async function judge(files: readonly ByteReader[], decoder: Decoder): Promise<InitrdVerdict> {
  const search = new Search();
  for (const file of files) {
    const why = await searchFile(file, decoder, search);
    if (search.isOver) break;
    if (why !== undefined) return { kind: "unknown", why };
  }
  return search.verdict();
}

/** Early archives, of microcode mostly, are stored plain; what follows is packed. Answers what could not be read. */
async function searchFile(file: ByteReader, decoder: Decoder, search: Search): Promise<string | undefined> {
  const plain = await searchArchives(bytesFrom(file, 0), search);
  if (plain === undefined || search.isOver) return undefined;
  const compression = compressions.find(([magic]) => magic.every((byte, index) => plain.begin[index] === byte))?.[1];
  if (compression === undefined) return "it is packed in a way that Holdfast does not know";
  const rest = await searchArchives(
    decoder.decompress(compression, bytesFrom(file, plain.offset), unpackedBytesMax),
    search,
  );
  return rest === undefined || search.isOver ? undefined : "what was packed in it is no cpio archive";
}

/** Where, from the beginning of `input`, no archive goes on; `undefined` where it ended as it should, or all was found. */
async function searchArchives(
  input: AsyncIterable<Uint8Array>,
  search: Search,
): Promise<{ readonly offset: number; readonly begin: Uint8Array } | undefined> {
  for await (const event of readCpio(input)) {
    if (event.kind === "other") return event;
    search.see(event.path);
    if (search.isOver) return undefined;
  }
  return undefined;
}

async function* bytesFrom(file: ByteReader, start: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < file.sizeBytes; ) {
    const piece = await file.read(at, Math.min(pieceBytes, file.sizeBytes - at));
    if (piece.length === 0) return;
    yield piece;
    at += piece.length;
  }
}

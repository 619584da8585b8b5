// The simulated Decoder: compression that only frames, archives that are lines of JSON; damage shows as in the real ones.
import { Fault } from "../../base/fault.ts";
import type { Compression, Decoder, TarItem } from "../../port/decoder.ts";
import { ByteQueue } from "./byte-queue.ts";

/** The first bytes of the real formats, so that a look at them tells what it is. */
const magics: Readonly<Record<Compression, readonly number[]>> = {
  gz: [0x1f, 0x8b],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
  zst: [0x28, 0xb5, 0x2f, 0xfd],
  bz2: [0x42, 0x5a, 0x68],
};
const archiveMark = "simulated archive\n";
const pieceBytes = 1 << 16;
const maxLineBytes = 1 << 16;

/** The magic of the format, the length as 8 bytes, and the content as it is. */
export function simCompress(compression: Compression, content: Uint8Array): Uint8Array {
  const magic = magics[compression];
  const framed = new Uint8Array(magic.length + 8 + content.length);
  framed.set(magic);
  new DataView(framed.buffer).setBigUint64(magic.length, BigInt(content.length), true);
  framed.set(content, magic.length + 8);
  return framed;
}

export type SimTarItem =
  | Exclude<TarItem, { readonly kind: "file" }>
  | (Omit<Extract<TarItem, { readonly kind: "file" }>, "content"> & { readonly content: Uint8Array });

export function simTar(items: readonly SimTarItem[]): Uint8Array {
  const parts: Uint8Array[] = [new TextEncoder().encode(archiveMark)];
  for (const item of items) {
    const { content, ...header } = item.kind === "file" ? item : { ...item, content: new Uint8Array() };
    const line = JSON.stringify(header, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
    parts.push(new TextEncoder().encode(`${line}\n`), content);
  }
  parts.push(new TextEncoder().encode("end\n"));
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

export class SimDecoder implements Decoder {
  async *decompress(
    compression: Compression,
    input: AsyncIterable<Uint8Array>,
    maxBytes: number,
  ): AsyncIterable<Uint8Array> {
    const queue = new ByteQueue(input);
    let done = 0;
    for (let member = 0; ; member++) {
      const head = await queue.take(magics[compression].length + 8);
      if (head.length === 0 && member > 0) return;
      for await (const piece of openMember(compression, head, queue, member)) {
        done += piece.length;
        if (done > maxBytes) throw new Fault("too-large", `Cannot decompress: more than ${maxBytes} bytes come out`);
        yield piece;
      }
    }
  }

  async *untar(input: AsyncIterable<Uint8Array>): AsyncIterable<TarItem> {
    const queue = new ByteQueue(input);
    if (new TextDecoder().decode(await queue.take(archiveMark.length)) !== archiveMark)
      throw damaged("it is no archive");
    for (;;) {
      const line = await queue.line(maxLineBytes);
      if (line === undefined) throw damaged("it ends too early");
      if (line === "end") return;
      const item = parseItem(line);
      if (
        item.path.startsWith("/") ||
        item.path.split("/").some((name) => name === ".." || name === "." || name === "")
      ) {
        throw new Fault(
          "escapes-folder",
          `Cannot unpack ${JSON.stringify(item.path.slice(0, 200))}: it leads out of the folder`,
        );
      }
      if (item.kind !== "file") {
        yield item;
        continue;
      }
      yield { ...item, content: drain(queue, item.sizeBytes) };
    }
  }
}

function openMember(
  compression: Compression,
  head: Uint8Array,
  queue: ByteQueue,
  member: number,
): AsyncIterable<Uint8Array> {
  const magic = magics[compression];
  if (magic.some((byte, index) => head[index] !== byte)) {
    if (member > 0) throw damaged("something else follows");
    throw new Fault("not-compressed", `Cannot decompress: it is no ${compression}`);
  }
  if (head.length < magic.length + 8) throw damaged("it ends too early");
  const sizeBytes = new DataView(head.buffer, head.byteOffset).getBigUint64(magic.length, true);
  return drain(queue, Number(sizeBytes));
}

async function* drain(queue: ByteQueue, sizeBytes: number): AsyncIterable<Uint8Array> {
  for (let done = 0; done < sizeBytes; ) {
    const piece = await queue.take(Math.min(pieceBytes, sizeBytes - done));
    if (piece.length === 0) throw damaged("it ends too early");
    done += piece.length;
    yield piece;
  }
}

function parseItem(line: string): TarItem {
  try {
    const revive = (_: string, value: unknown): unknown =>
      typeof value === "string" && /^[0-9]{1,18}n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
    const item = JSON.parse(line, revive) as TarItem;
    if (typeof item.path === "string" && typeof item.kind === "string") return item;
  } catch {
    // Falls through: what is no JSON was damaged.
  }
  throw damaged("an item cannot be read");
}

function damaged(state: string): Fault {
  return new Fault("damaged-archive", `Cannot unpack: ${state}`);
}

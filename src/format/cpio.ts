// Reads the names in an initrd: cpio archives of the "newc" kind one after the other, as the kernel takes them (Linux:
// driver-api/early-userspace/buffer-format.rst). Contents are passed over, whatever their size.
import { Fault } from "../base/fault.ts";

export type CpioFaultCode = "cpio-damaged";

export type CpioEvent =
  | { readonly kind: "item"; readonly path: string }
  /** Where an archive should begin stands something else, such as a compressed one; reading has ended. */
  | { readonly kind: "other"; readonly offset: number; readonly begin: Uint8Array };

const headerSize = 110;
const magics: ReadonlySet<string> = new Set(["070701", "070702"]);
const nameBytesMax = 4096;
const itemsMax = 1_000_000;
const beginBytes = 6;
const latin1: TextDecoder = new TextDecoder("latin1");
const utf8: TextDecoder = new TextDecoder("utf-8", { fatal: false });

const damaged = (state: string): Fault<CpioFaultCode> => new Fault("cpio-damaged", `Cannot read the initrd: ${state}`);

/** A stream of bytes that is taken in parts of other sizes than it comes in. */
class Feed {
  readonly #input: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array();
  /** Of the next byte. */
  offset = 0;

  constructor(input: AsyncIterable<Uint8Array>) {
    this.#input = input[Symbol.asyncIterator]();
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#input.next();
      if (next.done === true) return false;
      this.#piece = next.value;
    }
    return true;
  }

  #drop(count: number): void {
    this.#piece = this.#piece.subarray(count);
    this.offset += count;
  }

  /** Fewer bytes only where it ends. */
  async take(size: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(size);
    let filled = 0;
    while (filled < size && (await this.#fill())) {
      const part = this.#piece.subarray(0, size - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#drop(part.length);
    }
    return bytes.subarray(0, filled);
  }

  async skip(size: number): Promise<void> {
    for (let left = size; left > 0; ) {
      if (!(await this.#fill())) throw damaged("it ends within a file");
      const count = Math.min(left, this.#piece.length);
      this.#drop(count);
      left -= count;
    }
  }

  /** Passes over zero bytes; whether anything is left. */
  async skipZeros(): Promise<boolean> {
    while (await this.#fill()) {
      const at = this.#piece.findIndex((byte) => byte !== 0);
      this.#drop(at === -1 ? this.#piece.length : at);
      if (at !== -1) return true;
    }
    return false;
  }

  /** Lets go of the source. */
  async end(): Promise<void> {
    await this.#input.return?.();
  }
}

/** Ends with the input, or with an `other`. Throws `cpio-damaged` for what begins as an archive and is none. */
export async function* readCpio(input: AsyncIterable<Uint8Array>): AsyncGenerator<CpioEvent> {
  const feed = new Feed(input);
  try {
    for (let items = 0; await feed.skipZeros(); items++) {
      if (items > itemsMax) throw damaged(`it holds more than ${itemsMax} files`);
      const { offset } = feed;
      const begin = await feed.take(beginBytes);
      if (!magics.has(latin1.decode(begin))) {
        yield { kind: "other", offset, begin };
        return;
      }
      const fields = latin1.decode(await feed.take(headerSize - beginBytes));
      if (!/^[0-9a-f]{104}$/i.test(fields)) throw damaged("the header of a file is no header");
      const field = (index: number): number => Number.parseInt(fields.slice(index * 8, index * 8 + 8), 16);
      const [size, nameSize] = [field(6), field(11)];
      if (nameSize === 0 || nameSize > nameBytesMax) throw damaged("the name of a file is too long");
      const name = await feed.take(nameSize);
      if (name.length < nameSize) throw damaged("it ends within a name");
      await feed.skip(padding(headerSize + nameSize));
      const path = utf8.decode(name.subarray(0, -1));
      await feed.skip(size);
      if (path !== "TRAILER!!!") yield { kind: "item", path };
      // The last file of an archive need not be padded.
      if (path !== "TRAILER!!!") await feed.skip(padding(size));
    }
  } finally {
    await feed.end();
  }
}

function padding(size: number): number {
  return (4 - (size % 4)) % 4;
}

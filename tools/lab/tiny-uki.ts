// A unified kernel image of a few kilobytes: a valid PE file with the sections a boot loader and Holdfast read, and no kernel.

export interface TinyUkiOptions {
  readonly osRelease: string;
  readonly commandLine: string;
  /** Stands for the kernel; any bytes. */
  readonly linux?: Uint8Array;
  readonly initrd?: Uint8Array;
  /** COFF machine; x86-64 by default. */
  readonly machine?: number;
}

const alignment = 512;
const peOffset = 0x80;
const optionalHeaderSize = 112 + 16 * 8;
const sectionHeaderSize = 40;
const initializedReadable = 0x40000040;

/** PE32+ (Microsoft's PE format), sections in the order ukify writes them, `.sdmagic` as systemd-stub carries it. */
export function tinyUki(options: TinyUkiOptions): Uint8Array {
  const sections: readonly (readonly [name: string, bytes: Uint8Array])[] = [
    [".sdmagic", Buffer.from("#### LoaderInfo: systemd-stub 257 ####\0")],
    [".osrel", Buffer.from(options.osRelease)],
    [".cmdline", Buffer.from(`${options.commandLine}\0`)],
    [".uname", Buffer.from("6.12.0-lab\0")],
    [".initrd", options.initrd ?? Buffer.from("no initrd")],
    [".linux", options.linux ?? Buffer.from("no kernel")],
  ];
  const headersSize = align(peOffset + 24 + optionalHeaderSize + sections.length * sectionHeaderSize);
  const size = sections.reduce((sum, [, bytes]) => sum + align(bytes.length), headersSize);
  const image = Buffer.alloc(size);

  image.write("MZ", 0, "latin1");
  image.writeUInt32LE(peOffset, 0x3c);
  image.write("PE\0\0", peOffset, "latin1");
  image.writeUInt16LE(options.machine ?? 0x8664, peOffset + 4);
  image.writeUInt16LE(sections.length, peOffset + 6);
  image.writeUInt16LE(optionalHeaderSize, peOffset + 20);
  image.writeUInt16LE(0x0022, peOffset + 22); // executable, large addresses

  const optional = peOffset + 24;
  image.writeUInt16LE(0x20b, optional);
  image.writeUInt32LE(4096, optional + 32); // section alignment in memory
  image.writeUInt32LE(alignment, optional + 36);
  image.writeUInt32LE(headersSize, optional + 60);
  image.writeUInt16LE(10, optional + 68); // subsystem: EFI application
  image.writeUInt32LE(16, optional + 108);

  let position = headersSize;
  let address = 4096;
  sections.forEach(([name, bytes], index) => {
    const header = optional + optionalHeaderSize + index * sectionHeaderSize;
    image.write(name, header, "latin1");
    image.writeUInt32LE(bytes.length, header + 8);
    image.writeUInt32LE(address, header + 12);
    image.writeUInt32LE(align(bytes.length), header + 16);
    image.writeUInt32LE(position, header + 20);
    image.writeUInt32LE(initializedReadable, header + 36);
    image.set(bytes, position);
    position += align(bytes.length);
    address += Math.max(4096, Math.ceil(bytes.length / 4096) * 4096);
  });
  image.writeUInt32LE(address, optional + 56); // size in memory
  return image;
}

function align(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

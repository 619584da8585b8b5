// What can become of a boot entry's file: cut, emptied, or with noise in one of its sections.
import { SeededRandom } from "../../src/base/random.ts";
import { readPe } from "../../src/format/pe.ts";

export type Damage = (whole: Buffer) => Promise<Buffer>;

export const emptied: Damage = async () => Buffer.alloc(0);

export const zeroed: Damage = async (whole) => Buffer.alloc(whole.length);

/** Keeps this share of the file. */
export const cutTo =
  (share: number): Damage =>
  async (whole) =>
    whole.subarray(0, Math.floor(whole.length * share));

export const withoutTail =
  (bytes: number): Damage =>
  async (whole) =>
    whole.subarray(0, Math.max(0, whole.length - bytes));

/** Noise in the middle half of a section; in all of it when it is small. */
export const noiseIn =
  (name: string): Damage =>
  async (whole) => {
    const read = async (offset: number, length: number): Promise<Uint8Array> => whole.subarray(offset, offset + length);
    const { sections } = await readPe({ sizeBytes: whole.length, read });
    const section = sections.find((one) => one.name === name);
    if (section === undefined) throw new Error(`The entry has no section ${name}`);
    const isSmall = section.size < 4096;
    const from = section.offset + (isSmall ? 0 : Math.floor(section.size / 4));
    const random = new SeededRandom(20);
    const copy = Buffer.from(whole);
    for (let at = from; at < from + (isSmall ? section.size : section.size / 2); at++)
      copy[at] = Math.floor(random.next() * 256);
    return copy;
  };

// Unified kernel images: what a boot entry of type 2 says about itself (UAPI.5), read from small sections only.
import { Fault } from "../base/fault.ts";
import { defined } from "./defined.ts";
import { type OsRelease, parseOsRelease } from "./os-release.ts";
import { type ByteReader, type PeFaultCode, type PeImage, type PeSection, readPe } from "./pe.ts";
import { readAhead } from "./read-ahead.ts";

/** One way to boot the image, numbered from 0 by the loader. */
export interface UkiProfile {
  /** Its own command line, or the one of the image. */
  readonly cmdline?: string;
  /** The text of its `.profile` section: ID= and TITLE=. */
  readonly profile?: string;
}

/** Without `osRelease` the loader does not show the image: it is an addon, or another program. */
export interface Uki extends PeImage {
  readonly osRelease?: OsRelease;
  /** Of profile 0. */
  readonly cmdline?: string;
  readonly uname?: string;
  readonly sbat?: string;
  /** At least one. */
  readonly profiles: readonly UkiProfile[];
}

const maxTextBytes = 1 << 20;
/** Of all sections together: several may name the same bytes of the file. */
const maxAllTextBytes = 4 << 20;
const decoder = new TextDecoder("utf-8", { fatal: false });

async function readText(
  reader: ByteReader,
  section: PeSection | undefined,
  room: { bytes: number },
): Promise<string | undefined> {
  if (section === undefined) return undefined;
  const length = section.virtualSize === 0 ? section.size : Math.min(section.size, section.virtualSize);
  if (length === 0) return "";
  room.bytes -= length;
  if (length > maxTextBytes || room.bytes < 0)
    throw new Fault<PeFaultCode>(
      "pe-damaged",
      `Cannot read the EFI image: its section ${section.name} is too large for text`,
    );
  return decoder.decode(await reader.read(section.offset, length)).replace(/\0+$/, "");
}

/** Throws what readPe throws. */
export async function readUki(file: ByteReader): Promise<Uki> {
  const reader = readAhead(file);
  const image = await readPe(reader);
  // The sections before the first .profile are shared; each .profile begins a profile with sections of its own.
  const starts = image.sections.flatMap((section, index) => (section.name === ".profile" ? [index] : []));
  const base = image.sections.slice(0, starts[0]);
  const groups = starts.map((start, index) => image.sections.slice(start, starts[index + 1]));
  const room = { bytes: maxAllTextBytes };
  const text = (sections: readonly PeSection[], name: string): Promise<string | undefined> =>
    readText(
      reader,
      sections.find((section) => section.name === name),
      room,
    );

  const shared = (await text(base, ".cmdline"))?.trim();
  const profiles: UkiProfile[] = [];
  for (const group of groups) {
    const cmdline = (await text(group, ".cmdline"))?.trim() ?? shared;
    profiles.push(defined({ cmdline, profile: await text(group, ".profile") }));
  }
  if (profiles.length === 0) profiles.push(defined({ cmdline: shared }));
  const osRelease = await text(base, ".osrel");
  return {
    ...image,
    ...defined({
      osRelease: osRelease === undefined ? undefined : parseOsRelease(osRelease),
      cmdline: profiles[0]?.cmdline,
      uname: (await text(base, ".uname"))?.trim(),
      sbat: await text(base, ".sbat"),
    }),
    profiles,
  };
}

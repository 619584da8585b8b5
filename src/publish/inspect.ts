// Looks into the files of a release: what they are, by their first bytes, and what they say of themselves.
import { Fault } from "../base/fault.ts";
import { looksLikeErofs, readErofsSuperblock } from "../format/erofs/superblock.ts";
import { parseBootEntry } from "../format/boot-entry.ts";
import type { ByteReader } from "../format/pe.ts";
import { readUki } from "../format/uki.ts";
import { looksLikeVerity, readVerity } from "../format/verity-superblock.ts";
import type { Digest } from "../port/digest.ts";
import type { InitrdFacts, PayloadFacts, SystemFacts, VerityFacts } from "./release-facts.ts";

/** What it takes to look deeper than the files' own headers. */
export interface Inspectors {
  readonly digest: Digest;
  /** Whether an entry's initrd gives a failed boot up. */
  readonly initrd: (entry: ByteReader) => Promise<InitrdFacts>;
  /** What the system in an erofs image says of itself. */
  readonly system: (image: ByteReader) => Promise<SystemFacts | undefined>;
}

const maxConfBytes = 64 << 10;

export async function inspectFile(name: string, file: ByteReader, inspectors: Inspectors): Promise<PayloadFacts> {
  const { sizeBytes } = file;
  try {
    return { name, sizeBytes, ...(await lookInto(name, file, inspectors)) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    const why = error.message.replace(/^Cannot read [^:]+: /, "");
    return { name, sizeBytes, damage: { code: error.code, why } };
  }
}

async function lookInto(name: string, file: ByteReader, inspectors: Inspectors): Promise<Partial<PayloadFacts>> {
  if (file.sizeBytes === 0) throw new Fault("file-empty", "Cannot read the file: it is empty");
  if (name.endsWith(".efi") || (await beginsWith(file, "MZ"))) {
    const { arch, osRelease, profiles } = await readUki(file);
    const shown = osRelease !== undefined;
    const version = osRelease?.imageVersion;
    const commandLine = [...new Set(profiles.map(({ cmdline = "" }) => cmdline))].join(" ");
    const entry = { architecture: arch, shown, version, commandLine };
    return shown ? { entry, initrd: await inspectors.initrd(file) } : { entry };
  }
  if (name.endsWith(".erofs") || (await looksLikeErofs(file))) {
    const erofs = await readErofsSuperblock(file);
    const system = await inspectors.system(file);
    return system === undefined ? { erofs } : { erofs, system };
  }
  if (await looksLikeVerity(file)) return verityFacts(file, inspectors);
  if (name.endsWith(".conf") && file.sizeBytes <= maxConfBytes) {
    const { version, options = "" } = parseBootEntry(await file.read(0, file.sizeBytes));
    return { entry: { architecture: undefined, shown: true, version, commandLine: options } };
  }
  return {};
}

async function verityFacts(file: ByteReader, { digest }: Inspectors): Promise<{ readonly verity?: VerityFacts }> {
  const { algorithm, rootInput, dataBytes } = await readVerity(file);
  if (algorithm !== "sha256" || rootInput === undefined) return {};
  const hasher = digest.sha256();
  hasher.update(rootInput);
  return { verity: { rootHash: hasher.finish(), dataBytes } };
}

async function beginsWith(file: ByteReader, text: string): Promise<boolean> {
  return new TextDecoder("latin1").decode(await file.read(0, text.length)) === text;
}

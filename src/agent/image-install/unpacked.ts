// What the image and the entry of a release say about themselves: they have to be of one version, and of the one asked for.
import { Fault } from "../../base/fault.ts";
import { joinPath } from "../../base/machine-path.ts";
import { commandLineWords } from "../../domain/verity.ts";
import { parseOsRelease } from "../../format/os-release.ts";
import { readUki, type Uki } from "../../format/uki.ts";
import { installFileName, type InstallRelease } from "../../image/install-release.ts";
import { loaderSources } from "../../image/install-system.ts";
import type { Session } from "../session.ts";
import { readText } from "../state/small-file.ts";
import { runTool } from "./tool.ts";

export type UnpackedFaultCode = "version-differs" | "entry-differs" | "not-a-uki" | "no-loader";

export interface EntryFacts {
  /** As systemd names it. */
  readonly architecture: string;
  readonly usrHash: string | undefined;
}

const refuse = (code: UnpackedFaultCode, { name, version }: InstallRelease, state: string, hint: string): Fault =>
  new Fault<UnpackedFaultCode>(code, `Cannot install ${name} ${version}: ${state}`, { hint });

/** Reads the entry at `path`. Faults: UnpackedFaultCode. */
export async function readEntry(session: Session, release: InstallRelease, path: string): Promise<EntryFacts> {
  const file = installFileName(release.name, release.version, release.layout, "entry");
  const uki = await ukiAt(session, path).catch((error: unknown) => {
    if (!(error instanceof Fault)) throw error;
    throw refuse(
      "not-a-uki",
      release,
      `${file} is no unified kernel image (${error.message})`,
      "Publish the release anew.",
    );
  });
  const says = uki.osRelease?.imageVersion;
  if (says !== release.version)
    throw refuse(
      "version-differs",
      release,
      `its entry ${file} says ${says === undefined ? "no IMAGE_VERSION" : `it is version ${says}`}`,
      "Build the entry from the os-release of the image, and publish the release anew.",
    );
  const words = commandLineWords(uki.cmdline ?? "");
  const value = (key: string): string | undefined =>
    words.findLast((word) => word.startsWith(`${key}=`))?.slice(key.length + 1);
  demandOwnImage(release, file, value("holdfast.usr"));
  return { architecture: uki.arch, usrHash: demandHash(release, file, value("usrhash")) };
}

async function ukiAt(session: Session, path: string): Promise<Uki> {
  await using file = await session.machine.disk.open(path, "read");
  const sizeBytes = await file.size();
  return await readUki({
    sizeBytes,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      return bytes.subarray(0, await file.read(offset, bytes));
    },
  });
}

/** With `holdfast.usr=` the entry names its image: another one's would never start. */
function demandOwnImage(release: InstallRelease, file: string, named: string | undefined): void {
  if (release.layout !== "kde" || named === undefined) return;
  const own = `/system/${installFileName(release.name, release.version, "kde", "usr")}`;
  if (named === own) return;
  throw refuse(
    "entry-differs",
    release,
    `its entry ${file} starts ${named} and not ${own}`,
    "Publish the release anew.",
  );
}

function demandHash(release: InstallRelease, file: string, hash: string | undefined): string | undefined {
  if (release.layout === "kde") return undefined;
  if (hash !== undefined && /^[0-9a-f]{64,128}$/i.test(hash)) return hash.toLowerCase();
  throw refuse(
    "entry-differs",
    release,
    `its entry ${file} names no usrhash=`,
    "Build the entry with the root hash of the image.",
  );
}

/** Unpacks the image of /usr into `folder` and compares its version. */
export async function unpackUsr(
  session: Session,
  release: InstallRelease,
  image: string,
  folder: string,
): Promise<void> {
  await runTool(session, "fsck.erofs", [`--extract=${folder}`, "--preserve-perms", image], {
    doing: `unpack the image of ${release.name} ${release.version}`,
  });
  const text = await readText(session.machine.disk, joinPath(folder, "lib/os-release"));
  const says = text === undefined ? undefined : parseOsRelease(text).imageVersion;
  if (says === release.version) return;
  const file = installFileName(release.name, release.version, release.layout, "usr");
  throw refuse(
    "version-differs",
    release,
    `its image ${file} says ${says === undefined ? "no IMAGE_VERSION" : `it is version ${says}`}`,
    "The image holds the content of /usr, with lib/os-release. Publish the release anew.",
  );
}

/** The boot loader that the image brings, or the one that was given. */
export async function findLoader(
  session: Session,
  release: InstallRelease,
  usr: string,
  architecture: string,
  given: string | undefined,
): Promise<string> {
  const { disk } = session.machine;
  const places = given === undefined ? loaderSources(architecture).map((path) => joinPath(usr, path)) : [given];
  for (const place of places) {
    const found = await disk.resolve(place);
    if (found !== undefined && (await disk.stat(found))?.kind === "file") return found;
  }
  throw refuse(
    "no-loader",
    release,
    given === undefined ? `it has no boot loader for ${architecture}` : `there is no boot loader at ${given}`,
    "Put systemd-boot's EFI program into the image below lib/systemd/boot/efi, or name one with --loader.",
  );
}

// The boot loader's copies on the ESP: replaced once their release was found good, one in a boot (P8, P11).
import { Fault } from "../../base/fault.ts";
import { folderOf, joinPath, nameOf } from "../../base/machine-path.ts";
import { type LoaderCopy, type LoaderSource, planLoaderCopies } from "../../domain/boot/loader-copies.ts";
import type { SecureBoot } from "../../domain/secure-boot.ts";
import { systemdBootVersion } from "../../format/loader-info.ts";
import { readPe } from "../../format/pe.ts";
import type { LoaderCopyLine } from "../../wire/boot-reports.ts";
import { digestFile } from "../acquire/digest-file.ts";
import { closeEsp, openEsp } from "../install/esp-guard.ts";
import { renameFile } from "../install/rename-file.ts";
import type { Observation } from "../observe/observe.ts";
import { judgeBootImage } from "../observe/secure-boot.ts";
import type { Session } from "../session.ts";
import { record } from "../state/journal.ts";
import { makeFolders, readSmall, removeIfThere } from "../state/small-file.ts";
import { firmwarePath, listCopies, listedPaths } from "./firmware-list.ts";

const readingsMax = 3;
/** systemd-boot has less than 200 KiB; what is far larger is none. */
const loaderBytesMax = 8 * 1024 * 1024;
const sources = "/usr/lib/systemd/boot/efi";
/** As EDK2 names machines; the others are systemd's names. */
const names: Readonly<Record<string, string>> = {
  "x86-64": "x64",
  arm64: "aa64",
  x86: "ia32",
  arm: "arm",
  riscv64: "riscv64",
};

interface Loader extends LoaderSource {
  readonly bytes: Uint8Array;
}

async function sha256Of({ machine }: Session, bytes: Uint8Array): Promise<string> {
  const hasher = machine.digest.sha256();
  hasher.update(bytes);
  return hasher.finish();
}

async function isSigned(bytes: Uint8Array): Promise<boolean | undefined> {
  try {
    const read = async (offset: number, length: number): Promise<Uint8Array> => bytes.subarray(offset, offset + length);
    return (await readPe({ sizeBytes: bytes.length, read })).signed;
  } catch (error) {
    if (error instanceof Fault) return undefined;
    throw error;
  }
}

/** `broken`: no whole program. */
async function judgeLoader(session: Session, bytes: Uint8Array): Promise<Loader | "broken" | "foreign"> {
  const signed = await isSigned(bytes);
  if (signed === undefined) return "broken";
  const version = systemdBootVersion(bytes);
  return version === undefined ? "foreign" : { version, signed, sha256: await sha256Of(session, bytes), bytes };
}

/**
 * Read until two readings agree, three times at most: a byte that was read wrong would be written, and be right by its own
 * digest.
 */
async function readLoader(session: Session, path: string): Promise<Uint8Array | undefined> {
  const seen = new Set<string>();
  let failure: Fault | undefined;
  for (let reading = 1; reading <= readingsMax; reading++) {
    try {
      const bytes = await readSmall(session.machine.disk, path, loaderBytesMax);
      if (bytes === undefined) return undefined;
      const sha256 = await sha256Of(session, bytes);
      if (seen.has(sha256)) return bytes;
      seen.add(sha256);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  throw new Fault("unsteady", `Cannot read ${path}: it reads differently each time`, {
    hint: "Nothing was changed. If it goes on, memory or the medium fails.",
    retriable: true,
  });
}

/** A signed one is put beside the other by distributions that sign (bootctl(1)). What the firmware starts comes first. */
async function sourceOf(session: Session, arch: string, secureBoot: SecureBoot): Promise<Loader | undefined> {
  const found: Loader[] = [];
  for (const suffix of [".efi.signed", ".efi"]) {
    const path = `${sources}/systemd-boot${arch}${suffix}`;
    const bytes = await readLoader(session, path);
    const loader = bytes === undefined ? "broken" : await judgeLoader(session, bytes);
    if (typeof loader === "string") continue;
    const refused = await refusalOf(session, secureBoot, path);
    found.push(refused === undefined ? loader : { ...loader, refused });
  }
  return found.find(({ refused }) => refused === undefined) ?? found[0];
}

/** Why Secure Boot would not let the program at `path` start (P12). */
async function refusalOf(session: Session, secureBoot: SecureBoot, path: string): Promise<string | undefined> {
  if (secureBoot.kind === "unreadable") return secureBoot.why;
  if (secureBoot.kind !== "on") return undefined;
  await using file = await session.machine.disk.open(path, "read");
  const verdict = await judgeBootImage(session, secureBoot.policy, file, { thorough: true });
  return verdict.kind === "taken" ? undefined : verdict.why;
}

async function readCopy(
  session: Session,
  kind: LoaderCopy["kind"],
  path: string,
  listed: boolean,
): Promise<LoaderCopy> {
  const holds = async (): Promise<LoaderCopy["holds"]> => {
    try {
      const bytes = await readLoader(session, path);
      if (bytes === undefined) return { kind: "nothing" };
      const loader = await judgeLoader(session, bytes);
      if (typeof loader === "string") return { kind: loader };
      const { version, sha256, signed } = loader;
      return { kind: "systemd-boot", version, sha256, signed };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      // A medium that cannot be read now is not taken for what a power cut left.
      return { kind: "unreadable", why: error.message };
    }
  };
  return { kind, path, holds: await holds(), listed };
}

async function writeBeside({ machine: { disk } }: Session, path: string, bytes: Uint8Array): Promise<void> {
  await using file = await disk.open(path, "create");
  await file.write(0, bytes);
  await file.sync();
}

async function digestOf(session: Session, path: string): Promise<string> {
  await using file = await session.machine.disk.open(path, "medium");
  return await digestFile(session, file, undefined);
}

function differs(path: string): Fault {
  return new Fault(
    "read-back-differs",
    `Cannot update the boot loader: ${path} reads back with other bytes than were written`,
    {
      hint: "The medium is failing. The other copy of the boot loader was not touched.",
    },
  );
}

/**
 * Written beside, flushed, read back; then the old one goes and the new one gets its name. In the moment between, and
 * after a power cut in it, the other copy starts; the next boot writes this one again.
 */
async function replaceCopy(session: Session, path: string, source: Loader): Promise<void> {
  const { disk } = session.machine;
  const folder = folderOf(path);
  const beside = joinPath(folder, ".holdfast-loader");
  await makeFolders(disk, folder);
  if ((await disk.stat(beside)) !== undefined) {
    await disk.remove(beside);
    // Gone for sure before the name is used again: of two names that are the same fsck.fat makes FSCK0000.REN.
    await disk.syncFolder(folder);
  }
  await writeBeside(session, beside, source.bytes);
  if ((await digestOf(session, beside)) !== source.sha256) {
    await removeIfThere(disk, beside);
    throw differs(beside);
  }
  if ((await disk.stat(path)) !== undefined) {
    await disk.remove(path);
    await disk.syncFolder(folder);
  }
  await renameFile(session, beside, path);
  if ((await digestOf(session, path)) !== source.sha256) throw differs(path);
}

/** Call it in a boot of this release that was found good. Says of each copy what became of it, and why. */
export async function updateLoader(session: Session, observation: Observation): Promise<readonly LoaderCopyLine[]> {
  const { esp } = observation.boot;
  const arch = names[session.machine.process.architecture];
  if (esp === undefined || arch === undefined || observation.situation.loader.otherLoader !== undefined) return [];
  const source = await sourceOf(session, arch, observation.situation.secureBoot ?? { kind: "absent" });
  if (source === undefined) return [];
  const paths = {
    named: `EFI/systemd/systemd-boot${arch}.efi`,
    fallback: `EFI/BOOT/BOOT${arch.toUpperCase()}.EFI`,
  };
  const kinds = ["named", "fallback"] as const;
  const before = await Promise.all(
    kinds.map((kind) => readCopy(session, kind, joinPath(esp.path, paths[kind]), false)),
  );
  const own = kinds.filter((_, at) => before[at]?.holds.kind === "systemd-boot");
  // A machine that was not started by a systemd-boot of this ESP is none of our business (P11).
  if (own.length === 0) return [];
  const notListed = await listCopies(
    session,
    esp,
    own.map((kind) => paths[kind]),
  );
  const listed = await listedPaths(session);
  const copies = before.map((copy) => ({
    ...copy,
    listed: listed.has(firmwarePath(paths[copy.kind]).toLowerCase()),
  }));
  const lines: LoaderCopyLine[] = [];
  for (const { copy, state, because } of planLoaderCopies(source, copies)) {
    if (state === "update") {
      await openEsp(session, observation);
      await replaceCopy(session, copy.path, source);
      await closeEsp(session, observation);
      await record(session, "loader", undefined, `The boot loader ${nameOf(copy.path)} was replaced: ${because}`);
    }
    const why = notListed === undefined || copy.listed ? because : `${because}; ${notListed}`;
    lines.push({ path: copy.path, state: state === "update" ? "updated" : state, because: why });
  }
  return lines;
}

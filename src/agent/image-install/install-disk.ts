// `holdfast image install`: a release onto an empty disk. Until the last step the disk has no partition table, so it
// does not pretend to be bootable whenever this is cut off (P6); run again, it begins anew and finishes.
import { Fault } from "../../base/fault.ts";
import { joinPath } from "../../base/machine-path.ts";
import { toBytes, toHex } from "../../base/text.ts";
import { type InstallPlan, MiB, planInstall, systemMin } from "../../image/install-plan.ts";
import { installFileName, type InstallLayout, type InstallWish } from "../../image/install-release.ts";
import { entryTarget, type InstalledFile, systemFiles } from "../../image/install-system.ts";
import { judgeTarget, type TargetWish } from "../../image/install-target.ts";
import type { InstallReport } from "../../wire/reports.ts";
import { withoutSecrets } from "../acquire/download.ts";
import { readKeyrings } from "../observe/keyrings.ts";
import type { Session } from "../session.ts";
import { makeFolders, readSmall } from "../state/small-file.ts";
import { buildEsp, buildSystem, stageSystem, type SystemFileSystem } from "./file-systems.ts";
import { fetchFile, type ProvenRelease, readRelease } from "./read-release.ts";
import { inspectTarget, makeBlank } from "./target.ts";
import { runTool } from "./tool.ts";
import { findLoader, readEntry, unpackUsr } from "./unpacked.ts";
import { type PartSource, readPartsBack, writeParts, writeTable } from "./write-parts.ts";

export interface InstallOptions extends TargetWish {
  /** A block device, or a file that becomes the image of a disk. Absolute. */
  readonly disk: string;
  /** A URL or an absolute folder that has the release and its SHA256SUMS. */
  readonly from: string;
  readonly wish: InstallWish;
  readonly unsigned: boolean;
  /** `Path=` of the installed machine's definitions. */
  readonly source: string;
  readonly fileSystem: SystemFileSystem;
  /** A folder for what is unpacked and built meanwhile. */
  readonly scratch: string;
  readonly loader?: string;
  readonly espBytes?: number;
  readonly slotBytes?: number;
}

const steps = [
  "Read the list of releases",
  "Bring in the release",
  "Unpack its image",
  "Build the file systems",
  "Make the disk blank",
  "Write the partitions",
  "Read them back",
  "Write the partition table",
] as const;

/** Runs one of the steps, announced. */
async function step<T>(session: Session, title: (typeof steps)[number], work: () => Promise<T>): Promise<T> {
  const event = { index: steps.indexOf(title) + 1, count: steps.length, title };
  session.signal.throwIfAborted();
  session.machine.progress.report({ kind: "step", ...event });
  const result = await work();
  session.machine.progress.report({ kind: "step-done", ...event });
  return result;
}

/** Faults: whatever is wrong with release, disk or programs; before the step "Make the disk blank" the disk is untouched. */
export async function installDisk(session: Session, options: InstallOptions): Promise<InstallReport> {
  const target = await inspectTarget(session, options.disk);
  const diskBytes = judgeTarget(target.facts, options);
  const work = joinPath(options.scratch, `.holdfast-install-${nameOfWork(session, target.path)}`);
  await makeFolders(session.machine.disk, work);
  await using _lock = await session.machine.lock.acquire(`${work}/lock`, "holdfast image install", 0);
  try {
    return await installInto(session, options, { target, diskBytes, work });
  } finally {
    await session.machine.process.run("rm", ["--recursive", "--force", "--", work]);
  }
}

/** The same for every run on one disk: what a killed run left is swept, and two at once are noticed. */
function nameOfWork(session: Session, path: string): string {
  const hasher = session.machine.digest.sha256();
  hasher.update(toBytes(path));
  return hasher.finish().slice(0, 16);
}

interface Workplace {
  readonly target: Awaited<ReturnType<typeof inspectTarget>>;
  readonly diskBytes: number;
  readonly work: string;
}

async function installInto(session: Session, options: InstallOptions, place: Workplace): Promise<InstallReport> {
  const { target, diskBytes, work } = place;
  const stage = joinPath(work, "stage");
  await runTool(session, "rm", ["--recursive", "--force", "--", stage], { doing: `clear ${stage}` });
  await makeFolders(session.machine.disk, stage);
  const proven = await step(session, "Read the list of releases", () => readRelease(session, requestOf(options)));
  const { release } = proven;
  const at = (name: string): string => joinPath(stage, name);
  const files = await step(session, "Bring in the release", () => fetchAll(session, proven, stage));
  const { architecture, usrHash } = await readEntry(session, release, at("entry"));
  const sizeOf = (role: string): number => files.find((file) => file.role === role)?.sizeBytes ?? 0;
  const plan = (treeBytes: number): InstallPlan =>
    planInstall({
      disk: options.disk,
      diskBytes,
      name: release.name,
      version: release.version,
      layout: release.layout,
      architecture,
      sizes: { entryBytes: sizeOf("entry"), usrBytes: sizeOf("usr"), verityBytes: sizeOf("verity"), treeBytes },
      ...(options.espBytes === undefined ? {} : { espBytes: options.espBytes }),
      ...(options.slotBytes === undefined ? {} : { slotBytes: options.slotBytes }),
      ...(usrHash === undefined ? {} : { usrHash }),
    });
  plan(0);
  const loader = await step(session, "Unpack its image", async () => {
    await unpackUsr(session, release, at("usr"), at("tree-usr"));
    return findLoader(session, release, at("tree-usr"), architecture, options.loader);
  });
  const built = await step(session, "Build the file systems", async () => {
    const keyring = await ownKeyring(session, proven, at("tree-usr"));
    const first = plan(await treeBytes(session, at("tree-usr/share/factory/etc")));
    return build(session, { options, place, proven, files, plan: first, architecture, loader, keyring, stage });
  });
  const isZeroed = await step(session, "Make the disk blank", () => makeBlank(session, target, diskBytes));
  await step(session, "Write the partitions", () => writeParts(session, target.path, built.sources, isZeroed));
  await step(session, "Read them back", () => readPartsBack(session, target.path, built.sources, isZeroed));
  await step(session, "Write the partition table", () => writeTable(session, target.path, built.plan));
  return reportOf(options, proven, built.plan, built.fileSystem);
}

function requestOf({ from, unsigned, wish }: InstallOptions): Parameters<typeof readRelease>[1] {
  const remote = /^https?:/i.test(from);
  return { location: from.replace(/\/+$/, "") || "/", remote, unsigned, wish };
}

async function fetchAll(session: Session, proven: ProvenRelease, stage: string): Promise<readonly InstalledFile[]> {
  const files: InstalledFile[] = [];
  for (const file of proven.release.files)
    files.push(await fetchFile(session, proven, file, joinPath(stage, file.role)));
  return files;
}

/** What a folder takes, links not followed; 0 when it is not there. */
async function treeBytes(session: Session, folder: string): Promise<number> {
  if ((await session.machine.disk.resolve(folder)) === undefined) return 0;
  const out = await runTool(session, "du", ["--summarize", "--block-size=1", "--", folder], {
    doing: `measure ${folder}`,
  });
  return Number(/^\d+/.exec(out)?.[0] ?? 0);
}

/**
 * The machine must be able to verify its own next update: where the image's keyring does not know who signed this
 * release, the one that does comes along.
 */
async function ownKeyring(session: Session, { signed }: ProvenRelease, usr: string): Promise<Uint8Array | undefined> {
  if (signed === undefined) return undefined;
  const { disk, verifier, clock } = session.machine;
  const accepts = async (keyring: Uint8Array): Promise<boolean> => {
    try {
      await verifier.verify(signed.text, signed.signature, keyring, clock.nowMs());
      return true;
    } catch (error) {
      if (error instanceof Fault) return false;
      throw error;
    }
  };
  for (const name of ["import-pubring.pgp", "import-pubring.gpg"]) {
    const brought = await readSmall(disk, joinPath(usr, `lib/systemd/${name}`), 16 * MiB);
    if (brought !== undefined && (await accepts(brought))) return undefined;
  }
  for (const keyring of await readKeyrings(session)) if (await accepts(keyring)) return keyring;
  return undefined;
}

interface Build {
  readonly options: InstallOptions;
  readonly place: Workplace;
  readonly proven: ProvenRelease;
  readonly files: readonly InstalledFile[];
  readonly plan: InstallPlan;
  readonly architecture: string;
  readonly loader: string;
  readonly keyring: Uint8Array | undefined;
  readonly stage: string;
}

interface Built {
  readonly plan: InstallPlan;
  readonly sources: readonly PartSource[];
  readonly fileSystem: SystemFileSystem;
}

async function build(session: Session, all: Build): Promise<Built> {
  const { options, place, proven, files, plan, stage } = all;
  const { release } = proven;
  const at = (name: string): string => joinPath(stage, name);
  const partOf = (content: string): InstallPlan["parts"][number] => {
    const found = plan.parts.find((part) => part.content === content);
    if (found === undefined) throw new Error(`Assertion failed: no partition for ${content}`);
    return found;
  };
  const device = place.target.facts.kind === "disk" ? place.target.path : "/dev/vda";
  const nowMs = session.machine.clock.nowMs();
  const { signedAtMs, trust } = proven;
  const espId = toHex(session.machine.entropy.bytes(4)).toUpperCase();
  const system = {
    sizeBytes: systemBytes(place, partOf("system").sizeBytes, release.layout, files),
    fileSystem: options.fileSystem,
    usr: at("tree-usr"),
    files: systemFiles(
      {
        release,
        files,
        fileSystem: options.fileSystem,
        source: options.source,
        trust,
        signedAtMs,
        nowMs,
        device,
        espId,
      },
      plan,
    ),
    image:
      release.layout === "kde"
        ? { from: at("usr"), to: `system/${installFileName(release.name, release.version, "kde", "usr")}` }
        : undefined,
    keyring: all.keyring,
  };
  const { architecture, loader } = all;
  await buildEsp(session, {
    part: partOf("esp"),
    sectorBytes: place.target.sectorBytes,
    architecture,
    id: espId,
    entry: { from: at("entry"), to: entryTarget(release) },
    loader,
    folder: at("tree-esp"),
    image: at("esp"),
  });
  await stageSystem(session, system, at("tree-system"));
  await buildSystem(session, system, at("tree-system"), at("system"));
  const sources = plan.parts.map(
    (part): PartSource => ({ part, path: part.content === "nothing" ? undefined : at(part.content) }),
  );
  return { plan, sources, fileSystem: options.fileSystem };
}

/**
 * An image file is sparse: its file system fills the partition at once. Onto a real disk every byte is written and read
 * back, so the file system is made as small as it may be, and grows at the first boot.
 */
function systemBytes(
  { target }: Workplace,
  partBytes: number,
  layout: InstallLayout,
  files: readonly InstalledFile[],
): number {
  if (target.facts.kind !== "disk") return partBytes;
  const usrBytes = files.find(({ role }) => role === "usr")?.sizeBytes ?? 0;
  return Math.min(partBytes, systemMin(layout, { usrBytes, treeBytes: 64 * MiB, entryBytes: 0, verityBytes: 0 }));
}

function reportOf(
  options: InstallOptions,
  { release, trust, signer }: ProvenRelease,
  plan: InstallPlan,
  fileSystem: SystemFileSystem,
): InstallReport {
  return {
    disk: options.disk,
    name: release.name,
    version: release.version,
    layout: release.layout,
    trust,
    signer,
    source: withoutSecrets(options.source),
    entry: entryTarget(release),
    partitions: plan.parts.map(({ number, label, sizeBytes, content }) => ({
      number,
      label,
      sizeBytes,
      fileSystem: content === "esp" ? "vfat" : content === "system" ? fileSystem : undefined,
    })),
  };
}

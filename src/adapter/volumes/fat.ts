// The health of a FAT volume, and its repair (disk model): the dirty bit, fsck.fat, and nothing while it is mounted.
import { readFile, stat, writeFile } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import type { FileSystem } from "../../port/disk.ts";
import type { Process, RunResult } from "../../port/process.ts";
import type { VolumeHealth } from "../../port/volumes.ts";
import { deviceNumber } from "../disk/device-size.ts";
import { parseMounts, type Mount } from "../disk/mounts.ts";
import { openFile } from "../disk/node-file.ts";

const fatTypes = new Set(["vfat", "msdos"]);
const findingsMax = 50;
/** Lines of fsck.fat 4.2 that are no findings. */
const chatter =
  /^(fsck\.fat \d|.*: \d+ files, \d+\/\d+ clusters|Leaving filesystem unchanged|\*\*\* Filesystem was changed|Writing changes| Automatically removing dirty bit|$)/;
/**
 * The copy of the boot sector differs, as it does while a FAT32 volume is mounted (the flag is set in the first alone).
 * fsck.fat calls it mostly harmless and never mends it by itself: as a finding it would stop every update for ever.
 */
const copyDiffers =
  /^There are differences between boot sector and its backup\.\n[^\n]*\n(?: +\d+:[^\n]*\n)* +Not automatically fixing this\.$/m;
/** What is always so while it is mounted: the flag, and a count of free clusters that the kernel writes at its leisure. */
const mountedLine = /^(Dirty bit is set|Free cluster summary (wrong|uninitialized)| +Auto-(correcting|setting)\.)/;
/** FAT says so when it is mounted after a crash (fs/fat/inode.c); while it is mounted, its own flag is always set. */
const kernelDirty = "Volume was not properly unmounted";

const unknownHealth = (why: string): VolumeHealth => ({ kind: "unknown", why });

/** What a run of fsck.fat found, a line each. */
export function findingsOf({ stdout }: RunResult): readonly string[] {
  const lines = stdout
    .replace(copyDiffers, "")
    .split("\n")
    .map((line) => line.trimEnd());
  return lines.filter((line) => !chatter.test(line)).slice(0, findingsMax);
}

/**
 * The flag that says "mounted, or was not unmounted", in the boot sector: byte 0x25 of FAT12 and 16, 0x41 of FAT32
 * (Microsoft FAT specification, BS_Reserved1). `undefined` when the sector is not FAT's.
 */
export function dirtyFlag(sector: Uint8Array): boolean | undefined {
  if (sector[510] !== 0x55 || sector[511] !== 0xaa) return undefined;
  // BPB_FATSz16 is zero on FAT32 alone.
  const isFat32 = sector[22] === 0 && sector[23] === 0;
  const [flags, signature] = isFat32 ? [sector[0x41], sector[0x42]] : [sector[0x25], sector[0x26]];
  if (signature !== 0x28 && signature !== 0x29) return undefined;
  return ((flags ?? 0) & 1) !== 0;
}

/** What of the lines of `fsck.fat -n` is damage although the volume is mounted. */
export function damageWhileMounted(findings: readonly string[]): readonly string[] {
  return findings.filter((finding) => !mountedLine.test(finding));
}

const checkedNote = (name: string): string => `holdfast: FAT-fs (${name}): checked`;

/** The kernel's complaint about a volume, unless we have checked it since: the log keeps the line until the next boot. */
export function complaintOf(log: readonly string[], name: string): string | undefined {
  const since = log.findLastIndex((line) => line.includes(checkedNote(name)));
  return log.slice(since + 1).find((line) => line.includes(`FAT-fs (${name})`) && line.includes(kernelDirty));
}

/** Looks only: at the boot sector, at what fsck.fat would do, and while it is mounted at what the kernel said. */
export async function fatHealth(
  fileSystem: FileSystem,
  host: string | undefined,
  process: Process,
): Promise<VolumeHealth> {
  if (!fatTypes.has(fileSystem.type)) return unknownHealth(`${fileSystem.type} is not FAT`);
  if (host === undefined) return unknownHealth("its device cannot be read here");
  const mounts = await mountsOf(host);
  const mountedWritable = mounts.some((mount) => !mount.options.includes("ro"));
  const checked = await check(process, ["-n", "--", host]);
  if (checked === undefined) return unknownHealth("fsck.fat is not installed");
  const findings = [...findingsOf(checked)];
  if (!mountedWritable) {
    if ((await readFlag(host)) === true && findings.length === 0)
      findings.push("The dirty flag is set: it was not cleanly unmounted.");
    return findings.length === 0 && checked.exitCode === 0 ? { kind: "clean" } : dirty(findings, checked);
  }
  const real = damageWhileMounted(findings);
  if (real.length > 0) return dirty(real, checked);
  const said = await kernelLog(process);
  if (said === undefined) return unknownHealth("it is mounted, and the kernel's log cannot be read");
  const complaint = complaintOf(said, deviceName(host));
  return complaint === undefined ? { kind: "clean" } : { kind: "dirty", findings: [complaint.trim()] };
}

function dirty(findings: readonly string[], checked: RunResult): VolumeHealth {
  const fallback = checked.stderr.trim().slice(0, 500) || `fsck.fat ended with ${checked.exitCode}`;
  return { kind: "dirty", findings: findings.length === 0 ? [fallback] : findings };
}

/** Unmounts everywhere, checks and repairs, and mounts as it was; it is mounted again even when the check fails. */
export async function repairFat(
  fileSystem: FileSystem,
  host: string | undefined,
  process: Process,
): Promise<VolumeHealth> {
  if (!fatTypes.has(fileSystem.type) || host === undefined) return fatHealth(fileSystem, host, process);
  const mounts = await mountsOf(host);
  const unmounted: Mount[] = [];
  try {
    for (const mount of mounts.toReversed()) {
      await succeed(process, "umount", ["--", mount.mountPoint], "volume-busy", `unmount ${mount.mountPoint}`);
      unmounted.unshift(mount);
    }
    if ((await mountsOf(host)).length > 0)
      throw new Fault("volume-busy", `Cannot check ${fileSystem.device}: it is mounted again`, {
        hint: "Something mounts it as soon as it is unmounted: end that, and try again.",
      });
    const repaired = await check(process, ["-a", "-w", "--", host]);
    if (repaired === undefined)
      throw new Fault("tool-missing", "Cannot check the volume: fsck.fat is not installed", {
        hint: "Install dosfstools.",
      });
    // fsck.fat(8): 1 means errors that it could correct, 2 that it was not used rightly or found no FAT.
    if (repaired.exitCode > 1) {
      throw new Fault(
        "check-failed",
        `Cannot repair ${fileSystem.device}: ${(repaired.stderr || repaired.stdout).trim().slice(0, 500)}`,
      );
    }
    if (unmounted.length > 0) await note(checkedNote(deviceName(host)));
    return await fatHealth(fileSystem, host, process);
  } finally {
    for (const mount of unmounted) {
      const options = mountedAgainWith(mount).join(",");
      await succeed(
        process,
        "mount",
        ["-t", mount.type, "-o", options, "--", host, mount.mountPoint],
        "check-failed",
        `mount ${mount.mountPoint} again`,
      );
    }
  }
}

/** As it was meant to be: what the kernel turned read-only because of the damage is writable again after the check. */
export function mountedAgainWith({ options, meantWritable }: Mount): readonly string[] {
  const others = [...new Set(options)].filter((option) => option !== "" && option !== "ro" && option !== "rw");
  return [meantWritable ? "rw" : "ro", ...others];
}

/**
 * Where we have a mount namespace of our own (holdfast-update.service), unmounting would be for us alone, and the check
 * would run under a file system that others still have mounted. There systemd does it in its own, from which it comes to
 * ours.
 */
export function inItsNamespace(
  process: Pick<Process, "environment">,
  program: string,
  args: readonly string[],
): readonly [program: string, args: readonly string[]] {
  if (process.environment("HOLDFAST_MOUNTS") !== "by-systemd") return [program, args];
  return ["systemd-run", ["--quiet", "--collect", "--wait", "--pipe", "--setenv=LC_ALL=C", "--", program, ...args]];
}

async function succeed(
  process: Process,
  program: string,
  args: readonly string[],
  code: string,
  doing: string,
): Promise<void> {
  const { exitCode, stderr } = await process.run(...inItsNamespace(process, program, args));
  if (exitCode === 0) return;
  const denied = /permission|superuser/i.test(stderr);
  throw new Fault(denied ? "no-permission" : code, `Cannot ${doing}: ${stderr.trim().slice(0, 300)}`, {
    hint: denied ? "Run as root." : "Find what uses it with `fuser -vm`, end that, and try again.",
  });
}

/** `undefined` when there is no fsck.fat. */
async function check(process: Process, args: readonly string[]): Promise<RunResult | undefined> {
  try {
    return await process.run("fsck.fat", args);
  } catch (error) {
    if (error instanceof Fault && error.code === "tool-missing") return undefined;
    throw error;
  }
}

async function readFlag(host: string): Promise<boolean | undefined> {
  await using file = await openFile(host, host, "read");
  const sector = new Uint8Array(512);
  await file.read(0, sector);
  return dirtyFlag(sector);
}

async function mountsOf(host: string): Promise<readonly Mount[]> {
  const found = await stat(host);
  if (!found.isBlockDevice()) return [];
  const id = deviceNumber(found.rdev);
  return parseMounts(await readFile("/proc/self/mountinfo", "utf8")).filter((mount) => mount.id === id);
}

function deviceName(host: string): string {
  return host.slice(host.lastIndexOf("/") + 1);
}

/** Writes a line into the kernel's log. Where it cannot be written, the volume is checked once more next time. */
async function note(text: string): Promise<void> {
  await writeFile("/dev/kmsg", `${text}\n`).catch(() => undefined);
}

/** The log since the kernel started, or `undefined` where it cannot be read. */
async function kernelLog(process: Process): Promise<readonly string[] | undefined> {
  const result = await process.run("dmesg", []).catch(() => undefined);
  return result?.exitCode === 0 ? result.stdout.split("\n") : undefined;
}

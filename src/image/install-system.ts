// What `image install` puts on the ESP and on the system partition beside the files of the release and its /etc.
import type { Sha256 } from "../base/ids.ts";
import type { FloorRecord, ResourceRecord, VersionRecord } from "../domain/records.ts";
import type { Trust } from "../domain/resource.ts";
import { installDefinitions } from "./install-definitions.ts";
import type { InstallPlan } from "./install-plan.ts";
import { systemLabel } from "./install-plan.ts";
import { installFileName, type InstallRelease, type InstallRole } from "./install-release.ts";

/**
 * Folders of `/` and their modes: places to mount on, and what has to be there before anything runs. Not /efi:
 * systemd-gpt-auto-generator(8) mounts the ESP on /boot, and only where that is taken on /efi.
 */
export const systemFolders: readonly (readonly [path: string, mode: number])[] = [
  ["boot", 0o755],
  ["dev", 0o755],
  ["etc", 0o755],
  ["home", 0o755],
  ["media", 0o755],
  ["mnt", 0o755],
  ["opt", 0o755],
  ["proc", 0o555],
  ["root", 0o700],
  ["run", 0o755],
  ["srv", 0o755],
  ["sys", 0o555],
  ["system", 0o755],
  ["tmp", 0o1777],
  ["usr", 0o755],
  ["var", 0o755],
  ["var/lib", 0o755],
  ["var/lib/holdfast", 0o755],
  ["var/lib/holdfast/versions", 0o755],
  ["var/tmp", 0o1777],
];

/** Links of `/` into /usr, as every merged distribution has them; made where /usr has the folder. */
export const systemLinks: readonly (readonly [path: string, target: string])[] = [
  ["bin", "usr/bin"],
  ["sbin", "usr/sbin"],
  ["lib", "usr/lib"],
  ["lib32", "usr/lib32"],
  ["lib64", "usr/lib64"],
];

/** Where the loader lies in an image's /usr, and where its two copies go on the ESP. */
const loaderNames: Readonly<Record<string, { readonly named: string; readonly fallback: string }>> = {
  "x86-64": { named: "systemd-bootx64.efi", fallback: "BOOTX64.EFI" },
  x86: { named: "systemd-bootia32.efi", fallback: "BOOTIA32.EFI" },
  arm64: { named: "systemd-bootaa64.efi", fallback: "BOOTAA64.EFI" },
  arm: { named: "systemd-bootarm.efi", fallback: "BOOTARM.EFI" },
  riscv64: { named: "systemd-bootriscv64.efi", fallback: "BOOTRISCV64.EFI" },
  loongarch64: { named: "systemd-bootloongarch64.efi", fallback: "BOOTLOONGARCH64.EFI" },
};

/** What `/usr` of a release has loaders in. A signed one comes first, as with bootctl. */
export function loaderSources(architecture: string): readonly string[] {
  const named = loaderNames[architecture]?.named;
  return named === undefined ? [] : [`lib/systemd/boot/efi/${named}.signed`, `lib/systemd/boot/efi/${named}`];
}

/** Where the loader goes, below the ESP's root: firmware without entries of its own starts the first. */
export function loaderTargets(architecture: string): readonly string[] {
  const names = loaderNames[architecture];
  return names === undefined ? [] : [`EFI/BOOT/${names.fallback}`, `EFI/systemd/${names.named}`];
}

/**
 * The entry carries no counter: it is the only one, so that there is nothing to fall back to, and the first update
 * needs it as its way back (P4), which must have none.
 */
export function entryTarget({ name, version }: InstallRelease): string {
  return `EFI/Linux/${name}_${version}.efi`;
}

/** Text files of the ESP. */
export const espFiles: readonly (readonly [path: string, text: string])[] = [
  ["loader/loader.conf", "timeout 3\n"],
  ["loader/entries.srel", "type1\n"],
];

/**
 * A first boot grows the file system to its partition, which is larger on a real disk. With slots, the ESP is named as well:
 * systemd-gpt-auto-generator(8) mounts nothing where the UUIDs of the slots are not the halves of `usrhash=`, and those of a
 * slot that was updated are not.
 */
function fileSystemTable({ fileSystem, release, espId }: SystemRequest): string {
  const root = `PARTLABEL=${systemLabel} / ${fileSystem} defaults,x-systemd.growfs 0 1\n`;
  if (release.layout === "kde") return root;
  const automount = "umask=0077,noauto,x-systemd.automount,x-systemd.idle-timeout=2min";
  return `${root}UUID=${espId.slice(0, 4)}-${espId.slice(4)} /boot vfat ${automount} 0 2\n`;
}

/** A file whose bytes were compared with a signed list (or, `unproven`, with an unsigned one). */
export interface InstalledFile {
  readonly role: InstallRole;
  readonly sha256: Sha256;
  readonly sizeBytes: number;
}

export interface SystemRequest {
  readonly release: InstallRelease;
  readonly files: readonly InstalledFile[];
  readonly fileSystem: string;
  readonly source: string;
  readonly trust: Trust;
  readonly signedAtMs: number | undefined;
  readonly nowMs: number;
  /** The disk, as its machine will call it. */
  readonly device: string;
  /** The serial number of the ESP's FAT: eight hex digits in capitals. */
  readonly espId: string;
}

export interface SystemFile {
  readonly path: string;
  readonly text: string;
  /** What the image brings in its own /etc stays. */
  readonly unlessThere: boolean;
}

/** Files of the system partition that are not the release's: definitions, facts of the state folder, the mount table. */
export function systemFiles(request: SystemRequest, plan: InstallPlan): readonly SystemFile[] {
  const { release, source } = request;
  const definitions = installDefinitions({ name: release.name, layout: release.layout, source });
  const file = (path: string, text: string, unlessThere = false): SystemFile => ({ path, text, unlessThere });
  return [
    ...definitions.map(({ id, text }) => file(`etc/sysupdate.d/${id}.transfer`, text)),
    file("etc/fstab", fileSystemTable(request), true),
    // Empty, so that the first boot makes one up, and yet is no "first boot" that asks questions on the console.
    file("etc/machine-id", "", true),
    file(`var/lib/holdfast/versions/${release.version}.json`, json(versionRecord(request, plan))),
    ...(request.signedAtMs === undefined
      ? []
      : [file("var/lib/holdfast/floor.json", json(floorRecord(source, request.signedAtMs)))]),
    file(
      "var/lib/holdfast/journal.jsonl",
      `${JSON.stringify({ atMs: request.nowMs, event: "installed", version: release.version, text: `Installed ${release.name} ${release.version} on an empty disk` })}\n`,
    ),
  ];
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

/** An older list of the same source is refused from the start (P9). */
function floorRecord(source: string, signedAtMs: number): FloorRecord {
  return { format: 1, sources: { [source.replace(/\/+$/, "")]: { signedAtMs } } };
}

/**
 * What an update would have recorded. How the machine will call its disk is a guess, so with partitions the record
 * tells digests, and what the entry needs is left to the definitions.
 */
function versionRecord(request: SystemRequest, plan: InstallPlan): VersionRecord {
  const { release, files, source, trust, nowMs } = request;
  const definitions = installDefinitions({ name: release.name, layout: release.layout, source });
  const resources = definitions.flatMap(({ id, role }): readonly ResourceRecord[] => {
    const file = files.find((candidate) => candidate.role === role);
    if (file === undefined) return [];
    const { sha256, sizeBytes } = file;
    return [
      {
        transfer: id,
        role: role === "entry" ? "entry" : "image",
        place: placeOf(request, plan, role),
        sourceName: installFileName(release.name, release.version, release.layout, role),
        sourceSha256: sha256,
        content: { kind: "bytes", sha256, sizeBytes },
        trust,
      },
    ];
  });
  return {
    format: 1,
    version: release.version,
    installedAtMs: nowMs,
    ...(release.layout === "ab" ? { partial: true as const } : {}),
    resources,
  };
}

function placeOf({ release, device }: SystemRequest, plan: InstallPlan, role: InstallRole): ResourceRecord["place"] {
  if (role === "entry") return { kind: "file", path: `/boot/${entryTarget(release)}` };
  const part = plan.parts.find(({ content }) => content === role);
  if (part !== undefined) return { kind: "partition", device, number: part.number, sizeBytes: part.sizeBytes };
  return { kind: "file", path: `/system/${installFileName(release.name, release.version, release.layout, role)}` };
}

// The Volumes port: partition tables through sfdisk, FAT volumes through fsck.fat (disk model, P11).
import { open, stat } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";
import {
  applyChanges,
  parseSfdiskJson,
  sfdiskScript,
  type Partition,
  type PartitionTable,
} from "../../format/partition-table.ts";
import type { DiskFile, FileSystem } from "../../port/disk.ts";
import type { Process } from "../../port/process.ts";
import type { PartitionChange } from "../../format/partition-table.ts";
import type { VolumeHealth, Volumes } from "../../port/volumes.ts";
import { locate } from "../disk/locate.ts";
import { AlignedBuffers, openMedium } from "../disk/medium-file.ts";
import { openFile } from "../disk/node-file.ts";
import { fatHealth, repairFat } from "./fat.ts";
import { rootDisk } from "./root-disk.ts";
import { windowOf } from "./window-file.ts";

export interface NodeVolumesOptions {
  readonly root: string;
  readonly process: Process;
}

export function nodeVolumes(options: NodeVolumesOptions): Volumes {
  return new NodeVolumes(options);
}

/** GPT's header is in the second sector (UEFI 5.3.2), which tells how large a sector of an image file is. */
const gptSignature = "EFI PART";
const sectorSizes = [512, 4096] as const;

class NodeVolumes implements Volumes {
  readonly #root: string;
  readonly #process: Process;
  readonly #buffers = new AlignedBuffers();

  constructor(options: NodeVolumesOptions) {
    this.#root = options.root;
    this.#process = options.process;
  }

  rootDisk(): Promise<string> {
    return rootDisk(this.#root);
  }

  /** Below /dev it is the host's; anything else is an image inside the root. */
  async #host(device: string): Promise<string> {
    const { host, present } = await locate(device.startsWith("/dev/") ? "/" : this.#root, device, true);
    const found = present ? await stat(host) : undefined;
    if (found?.isFile() !== true && found?.isBlockDevice() !== true) {
      throw new Fault(
        "not-a-block-device",
        `Cannot use ${device} as a disk: it is ${found === undefined ? "not there" : "neither a block device nor an image"}`,
      );
    }
    return host;
  }

  async readTable(device: string): Promise<PartitionTable> {
    const host = await this.#host(device);
    return { ...(await this.#read(host, device)), device };
  }

  async #read(host: string, device: string): Promise<PartitionTable> {
    const json = await this.#sfdisk(
      ["--json", ...(await this.#sectorOption(host, device)), "--", host],
      device,
      "read the partition table of",
    );
    try {
      return parseSfdiskJson(json);
    } catch (cause) {
      throw new Fault(
        "no-partition-table",
        `Cannot read the partition table of ${device}: ${cause instanceof Error ? cause.message : ""}`,
        { cause },
      );
    }
  }

  /** Of a block device the kernel knows the sector size; an image is looked into. */
  async #sectorOption(host: string, device: string): Promise<readonly string[]> {
    if (!(await stat(host)).isFile()) return [];
    await using file = await openFile(host, device, "read");
    for (const size of sectorSizes) {
      const signature = new Uint8Array(gptSignature.length);
      await file.read(size, signature);
      if (Buffer.from(signature).toString("latin1") === gptSignature)
        return size === 512 ? [] : [`--sector-size=${size}`];
    }
    return [];
  }

  async #sfdisk(args: readonly string[], device: string, doing: string, stdin?: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#process.run("sfdisk", args, stdin === undefined ? {} : { stdin });
    if (exitCode === 0) return stdout;
    const code = /does not contain a recognized/.test(stderr)
      ? "no-partition-table"
      : /Permission denied|Operation not permitted/.test(stderr)
        ? "no-permission"
        : /in use|busy|lock/i.test(stderr)
          ? "volume-busy"
          : "io-error";
    throw new Fault(
      code,
      `Cannot ${doing} ${device}: ${stderr.trim().slice(0, 500) || `sfdisk ended with ${exitCode}`}`,
    );
  }

  async changeTable(device: string, changes: readonly PartitionChange[]): Promise<void> {
    const host = await this.#host(device);
    const before = await this.#read(host, device);
    const wanted = applyChanges(before, changes);
    const script = sfdiskScript(before, changes);
    // Partitions of the disk are in use, and their places do not change: the kernel need not read the table again.
    // udev looks at the new labels by itself when the disk is closed after writing.
    const quiet = [
      "--quiet",
      "--no-reread",
      "--no-tell-kernel",
      "--wipe=never",
      "--wipe-partitions=never",
      "--lock=yes",
    ];
    await this.#sfdisk(
      [...quiet, ...(await this.#sectorOption(host, device)), "--", host],
      device,
      "change the partition table of",
      script,
    );
    await flush(host);
    const after = await this.#read(host, device);
    const difference = differs(wanted.partitions, after.partitions);
    if (difference !== undefined || after.labelId !== wanted.labelId) {
      throw new Fault(
        "io-error",
        `Cannot change the partition table of ${device}: it reads back otherwise${difference === undefined ? "" : ` (${difference})`}`,
        {
          hint: "The medium may be failing, or something else changed the table at the same time.",
        },
      );
    }
  }

  async openPartition(device: string, number: number, mode: "read" | "medium" | "modify"): Promise<DiskFile> {
    const host = await this.#host(device);
    const { partitions, sectorSizeBytes } = await this.#read(host, device);
    const partition = partitions.find((candidate) => candidate.number === number);
    if (partition === undefined)
      throw new Fault("io-error", `Cannot open partition ${number} of ${device}: there is none`);
    const whole =
      mode === "medium"
        ? await openMedium(host, device, this.#buffers, this.#process)
        : await openFile(host, device, mode);
    return windowOf(
      whole,
      `${device} partition ${number}`,
      partition.startSector * sectorSizeBytes,
      partition.sizeSectors * sectorSizeBytes,
    );
  }

  async health(fileSystem: FileSystem): Promise<VolumeHealth> {
    return fatHealth(fileSystem, await this.#volume(fileSystem), this.#process);
  }

  async repair(fileSystem: FileSystem): Promise<VolumeHealth> {
    return repairFat(fileSystem, await this.#volume(fileSystem), this.#process);
  }

  /** Where the volume's bytes are on the host, if that can be said. */
  async #volume(fileSystem: FileSystem): Promise<string | undefined> {
    if (fileSystem.device === undefined) return undefined;
    return this.#host(fileSystem.device).catch((error: unknown) => {
      if (error instanceof Fault && error.code === "not-a-block-device") return undefined;
      throw error;
    });
  }
}

async function flush(host: string): Promise<void> {
  const handle = await open(host, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** What of the wanted table is not so, in words. */
function differs(wanted: readonly Partition[], found: readonly Partition[]): string | undefined {
  if (wanted.length !== found.length) return `${found.length} partitions instead of ${wanted.length}`;
  for (const partition of wanted) {
    const other = found.find((candidate) => candidate.number === partition.number);
    if (other === undefined) return `partition ${partition.number} is gone`;
    for (const key of ["startSector", "sizeSectors", "type", "uuid", "label", "attributes"] as const) {
      if (partition[key] !== other[key]) return `${key} of partition ${partition.number}`;
    }
  }
  return undefined;
}

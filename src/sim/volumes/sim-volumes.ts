// The simulated Volumes: partition tables, partitions as files, and fsck.fat on the FAT volumes of the tree.
import { Fault } from "../../base/fault.ts";
import { applyChanges, demandLabel, type PartitionTable } from "../../format/partition-table.ts";
import type { DiskFile, FileSystem, OpenMode } from "../../port/disk.ts";
import type { PartitionChange } from "../../format/partition-table.ts";
import type { VolumeHealth, Volumes } from "../../port/volumes.ts";
import type { CallGate } from "../call-gate.ts";
import type { DiskTree } from "../disk/disk-tree.ts";
import { FatFileSystem } from "../disk/fat-file-system.ts";
import type { LostChains } from "../disk/fat-image.ts";
import type { BlockDevices } from "./block-devices.ts";
import { SimPartitionFile } from "./sim-partition-file.ts";

export interface SimVolumesOptions {
  readonly tree: DiskTree;
  readonly devices: BlockDevices;
  readonly gate: CallGate;
  /** What the machine's fsck.fat does with chains that no name leads to; `salvage` (as with -a) when absent. */
  readonly lostChains?: LostChains;
}

export class SimVolumes implements Volumes {
  readonly #options: SimVolumesOptions;

  constructor(options: SimVolumesOptions) {
    this.#options = options;
  }

  async rootDisk(): Promise<string> {
    this.#enter("rootDisk", "/", false);
    const [first] = this.#options.devices.names();
    if (first === undefined)
      throw new Fault("no-partition-table", "Cannot find the disk of /: it is on no partitioned disk");
    return first;
  }

  async readTable(device: string): Promise<PartitionTable> {
    this.#enter("readTable", device, false);
    return this.#table(device);
  }

  async changeTable(device: string, changes: readonly PartitionChange[]): Promise<void> {
    this.#enter("changeTable", device, true);
    // Refuses a change of a partition that is not there before anything is written.
    applyChanges(this.#table(device), changes);
    for (const { label } of changes) if (label !== undefined) demandLabel(label);
    this.#options.devices.beginTable(device, changes);
    this.#options.gate.moment("volumes", "changeTable.half", device);
    this.#options.devices.finishTable(device);
  }

  async openPartition(device: string, number: number, mode: Exclude<OpenMode, "create">): Promise<DiskFile> {
    this.#enter("openPartition", `${device}#${number}`, false);
    const { partitions } = this.#table(device);
    if (!partitions.some((partition) => partition.number === number)) {
      throw new Fault("io-error", `Cannot open partition ${number} of ${device}: there is none`);
    }
    return new SimPartitionFile(this.#options.devices, this.#options.gate, device, number, mode);
  }

  async health(fileSystem: FileSystem): Promise<VolumeHealth> {
    this.#enter("health", fileSystem.mountPoint, false);
    const volume = this.#options.tree.volume(fileSystem.mountPoint);
    if (!(volume instanceof FatFileSystem)) return { kind: "unknown", why: `it is ${volume.settings.type}, not FAT` };
    return healthOf(volume.findings());
  }

  async repair(fileSystem: FileSystem): Promise<VolumeHealth> {
    this.#enter("repair", fileSystem.mountPoint, true);
    const volume = this.#options.tree.volume(fileSystem.mountPoint);
    if (!(volume instanceof FatFileSystem)) return { kind: "unknown", why: `it is ${volume.settings.type}, not FAT` };
    if (volume.busy()) {
      throw new Fault("volume-busy", `Cannot repair ${fileSystem.mountPoint}: a file on it is open`, {
        retriable: true,
      });
    }
    volume.beginRepair(this.#options.lostChains);
    this.#options.gate.moment("volumes", "repair.half", fileSystem.mountPoint);
    volume.repair(this.#options.lostChains);
    return healthOf(volume.findings());
  }

  #table(device: string): PartitionTable {
    const table = this.#options.devices.table(device);
    if (table === undefined && !this.#options.devices.isBlank(device))
      throw new Fault("not-a-block-device", `Cannot read the partition table of ${device}: there is no such disk`);
    if (table === undefined)
      throw new Fault("no-partition-table", `Cannot read the partition table of ${device}: there is none`);
    return table;
  }

  #enter(name: string, subject: string, changes: boolean): void {
    const fault = this.#options.gate.enter("volumes", name, subject, changes);
    if (fault !== undefined)
      throw new Fault(fault.code, `Cannot ${name} ${subject}: the simulated world says ${fault.code}`);
  }
}

function healthOf(findings: readonly string[]): VolumeHealth {
  return findings.length === 0 ? { kind: "clean" } : { kind: "dirty", findings };
}

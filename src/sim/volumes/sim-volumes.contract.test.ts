import { parseUuid } from "../../base/ids.ts";
import { volumesContract } from "../../port/volumes.contract.ts";
import { CallGate } from "../call-gate.ts";
import { DiskTree } from "../disk/disk-tree.ts";
import { BlockDevices } from "./block-devices.ts";
import { SimVolumes } from "./sim-volumes.ts";

const sectorSizeBytes = 512;
const mebi = 1024 * 1024;

volumesContract("simulated volumes", async () => {
  const devices = new BlockDevices();
  const sizes = [4, 8, 8];
  devices.add({
    device: "/dev/simdisk",
    labelId: "f".repeat(8),
    sectorSizeBytes,
    partitions: ["esp", "os_1", "_empty"].map((label, index) => ({
      number: index + 1,
      startSector: 2048 * (1 + index * 16),
      sizeSectors: ((sizes[index] ?? 0) * mebi) / sectorSizeBytes,
      type: parseUuid("a".repeat(32)),
      uuid: parseUuid(String(index + 1).repeat(32)),
      label,
      attributes: 0n,
    })),
  });
  devices.addBlank("/dev/blank");
  const tree = DiskTree.make([{ mountPoint: "/", type: "ext4", sizeBytes: 1e8 }]);
  const volumes = new SimVolumes({ tree, devices, gate: new CallGate() });
  return { volumes, device: "/dev/simdisk", blank: "/dev/blank", done: async () => {} };
});

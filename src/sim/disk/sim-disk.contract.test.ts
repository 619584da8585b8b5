import { diskContract } from "../../port/disk.contract.ts";
import type { SimFileSystemType } from "./file-system.ts";
import { SimDisk } from "./sim-disk.ts";

for (const type of ["ext4", "btrfs", "vfat"] as const satisfies readonly SimFileSystemType[]) {
  diskContract(
    `The simulated ${type}`,
    async () => {
      const disk = SimDisk.make({
        fileSystems: [
          { mountPoint: "/", type: "ext4", sizeBytes: 1e9 },
          { mountPoint: "/mnt", type, sizeBytes: 1e8 },
        ],
      });
      disk.plantFolder("/mnt/here");
      return { disk, folder: "/mnt/here", done: async () => {} };
    },
    { withoutLinks: type === "vfat" },
  );
}

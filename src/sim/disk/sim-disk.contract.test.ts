import { diskContract } from "../../port/disk.contract.ts";
import type { SimFileSystemType } from "./file-system.ts";
import { DiskTree } from "./disk-tree.ts";
import { SimDisk } from "./sim-disk.ts";

for (const type of ["ext4", "btrfs", "vfat"] as const satisfies readonly SimFileSystemType[]) {
  diskContract(
    `The simulated ${type}`,
    async () => {
      const tree = DiskTree.make([
        { mountPoint: "/", type: "ext4", sizeBytes: 1e9 },
        { mountPoint: "/mnt", type, sizeBytes: 1e8 },
      ]);
      tree.plantFolder("/mnt/here");
      return { disk: new SimDisk(tree), folder: "/mnt/here", done: async () => {} };
    },
    { withoutLinks: type === "vfat" },
  );
}

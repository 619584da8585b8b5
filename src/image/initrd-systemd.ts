// An initrd with systemd and udev: what the recipe names of the image's own /usr, and the libraries these programs need.
import type { Build } from "./build.ts";
import type { Kernel } from "./kernel.ts";

export async function fillSystemdInitrd(build: Build, kernel: Kernel, root: string): Promise<void> {
  void build;
  void kernel;
  void root;
  throw new Error("not yet");
}

// An initrd of busybox and modules in the order in which they are loaded; a script of the recipe is its /init.
import { Fault } from "../base/fault.ts";
import type { Build } from "./build.ts";
import { type Kernel, loadOrder } from "./kernel.ts";

const folders = ["bin", "dev", "proc", "sys", "run", "sysroot"];

export async function fillBusyboxInitrd(
  { workshop, tree, profile }: Build,
  kernel: Kernel,
  root: string,
): Promise<void> {
  const busybox = `${tree}/usr/bin/busybox`;
  if ((await workshop.kindOf(busybox)) !== "file")
    throw new Fault(
      "build-no-busybox",
      "Cannot build the image: its initrd is of busybox, and no package has /usr/bin/busybox",
      {
        hint: "Add busybox-static to Packages= in the recipe.",
      },
    );
  for (const folder of folders) await workshop.makeFolder(`${root}/${folder}`);
  await workshop.copyFile(busybox, `${root}/bin/busybox`);
  await workshop.link(`${root}/bin/sh`, "busybox");
  for (const [index, { path }] of loadOrder(kernel, profile.initrdModules).entries()) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    await workshop.copyFile(
      `${kernel.modulesFolder}/${path}`,
      `${root}/modules/${`${index}`.padStart(2, "0")}-${name}`,
    );
  }
}

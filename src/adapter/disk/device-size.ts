// The size of a block device: stat says zero, and Node has no ioctl, so the kernel's own table is asked.
import { readFile, stat } from "node:fs/promises";
import { Fault } from "../../base/fault.ts";

/** Bytes of the block device at a host path; `/sys/dev/block/MAJOR:MINOR/size` counts in 512 whatever the sector size is. */
export async function deviceSize(host: string): Promise<number> {
  const { rdev } = await stat(host);
  const text = await readFile(`/sys/dev/block/${deviceNumber(rdev)}/size`, "latin1").catch(() => "");
  if (!/^\d{1,15}\n$/.test(text))
    throw new Fault("io-error", `Cannot tell the size of ${host}: the kernel does not know the device`);
  return Number(text) * 512;
}

/** `MAJOR:MINOR`, from the kernel's 64-bit encoding (gnu_dev_major in glibc's sysmacros). */
export function deviceNumber(rdev: number): string {
  const wide = BigInt(rdev);
  const major = ((wide >> 8n) & 0xfffn) | ((wide >> 32n) & 0xfffff000n);
  const minor = (wide & 0xffn) | ((wide >> 12n) & 0xffffff00n);
  return `${major}:${minor}`;
}

// What a guest is told to do: a tar archive with Holdfast as it is in this checkout, a script, and files beside it.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { pack } from "tar-stream";

const checkout = join(import.meta.dirname, "../../..");

/** Compiled sources for guests, in which compiling takes half of the time. */
const warmFolder = ".cache/guest";

export interface JobFile {
  /** Below `job/`. */
  readonly path: string;
  readonly bytes: string | Uint8Array;
}

/** Shell functions for scripts: `machine SERIAL COMMAND...` runs a command on the machine of a disk (makeMachineDisk). */
const prelude = `
export PATH=/opt/holdfast/bin:/usr/bin:/usr/sbin LC_ALL=C.UTF-8 HOME=/root
mkdir /opt/holdfast/node_modules && mount --bind /opt/packages/node_modules /opt/holdfast/node_modules
export NODE_COMPILE_CACHE=/opt/holdfast/.cache/guest NODE_COMPILE_CACHE_PORTABLE=1
disk() { for d in /sys/block/vd*; do [ "$(cat "$d/serial")" = "$1" ] && echo "/dev/\${d##*/}"; done; }
mount_machine() {
  local d; d=$(disk "$1")
  mount -t ext4 "\${d}2" /machine && mount -t vfat -o umask=0077 "\${d}1" /efi || return 1
  for f in system var etc; do mount --bind /machine/$f /$f; done
  mount --bind /machine/usr/lib/os-release /usr/lib/os-release
}
unmount_machine() { umount /usr/lib/os-release /etc /var /system /efi /machine; }
machine() {
  local serial=$1; shift
  mount_machine "$serial" || { echo "guest: $serial cannot be mounted"; return 1; }
  "$@"
  local code=$?
  unmount_machine || { echo "guest: $serial cannot be unmounted"; return 1; }
  echo "guest: $serial ended with $code"
  return $code
}
`;

/** With these, Holdfast on the host leaves its compiled sources behind for the guests. */
export const warming: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: join(checkout, warmFolder),
  NODE_COMPILE_CACHE_PORTABLE: "1",
};

/** Writes the archive. `script` is run by the guest's shell as root, in `/`; the guest powers off when it ends. */
export async function makeJob(target: string, script: string, files: readonly JobFile[] = []): Promise<void> {
  const archive = pack();
  const chunks: Buffer[] = [];
  const read = (async () => {
    for await (const chunk of archive) chunks.push(chunk as Buffer);
  })();
  for (const place of ["bin", "src", warmFolder]) {
    const found = await readdir(join(checkout, place), { recursive: true, withFileTypes: true }).catch(() => []);
    for (const entry of found.filter((one) => one.isFile() && !/\.(test|fixture)\.ts$/.test(one.name))) {
      const path = join(entry.parentPath, entry.name);
      archive.entry({ name: relative(checkout, path), mode: 0o755 }, await readFile(path));
    }
  }
  archive.entry({ name: "package.json" }, await readFile(join(checkout, "package.json")));
  archive.entry({ name: "job/main.sh" }, `${prelude}\n${script}\n`);
  for (const { path, bytes } of files) archive.entry({ name: `job/${path}` }, Buffer.from(bytes));
  archive.finalize();
  await read;
  await writeFile(target, Buffer.concat(chunks));
}

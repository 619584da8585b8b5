// The kernel's list of mounts, /proc/self/mountinfo (proc_pid_mountinfo(5)): which file system a path is on.

export interface Mount {
  /** `MAJOR:MINOR` of the super block: one for all subvolumes of a btrfs. */
  readonly id: string;
  readonly mountPoint: string;
  readonly type: string;
  readonly source: string;
  /** Mount options and super block options together. */
  readonly options: readonly string[];
  /** Mounted to be written to. The kernel makes the super block of a damaged file system read-only, and leaves this. */
  readonly meantWritable: boolean;
}

/** Blanks, tabs, line ends and backslashes are written in octal. */
function unescape(field: string): string {
  return field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

/** Lines it does not understand are left out: the kernel may add to the format. */
export function parseMounts(text: string): readonly Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split("\n")) {
    const [before, after] = line.split(" - ", 2);
    const [, , id, , mountPoint, options] = (before ?? "").split(" ");
    const [type, source, superOptions] = (after ?? "").split(" ");
    if (
      id === undefined ||
      mountPoint === undefined ||
      options === undefined ||
      type === undefined ||
      source === undefined
    )
      continue;
    mounts.push({
      id,
      mountPoint: unescape(mountPoint),
      type,
      source: unescape(source),
      options: [...options.split(","), ...(superOptions ?? "").split(",")],
      meantWritable: options.split(",").includes("rw"),
    });
  }
  return mounts;
}

/** The mount that a host path without links is on: the longest mount point above it, the latest of equals. */
export function mountOf(mounts: readonly Mount[], host: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const above = mount.mountPoint === "/" || host === mount.mountPoint || host.startsWith(`${mount.mountPoint}/`);
    if (above && (best === undefined || mount.mountPoint.length >= best.mountPoint.length)) best = mount;
  }
  return best;
}

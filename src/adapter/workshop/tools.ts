// The programs that build images, and the Debian packages they come from.

export interface BuildTool {
  readonly program: string;
  readonly package: string;
  /** Where it lies in the package, without the leading slash. */
  readonly path: string;
}

/** The Debian release they come from: Debian testing, whatever the host is. */
export const toolsSuite = "forky";

export const buildTools: readonly BuildTool[] = [
  { program: "mkfs.erofs", package: "erofs-utils", path: "usr/bin/mkfs.erofs" },
  { program: "ukify", package: "systemd-ukify", path: "usr/bin/ukify" },
  { program: "systemd-sbsign", package: "systemd-repart", path: "usr/lib/systemd/systemd-sbsign" },
  { program: "systemd-sysusers", package: "systemd", path: "usr/bin/systemd-sysusers" },
  { program: "veritysetup", package: "cryptsetup-bin", path: "usr/sbin/veritysetup" },
  { program: "depmod", package: "kmod", path: "usr/sbin/depmod" },
  { program: "strip", package: "binutils", path: "usr/bin/x86_64-linux-gnu-strip" },
  { program: "xz", package: "xz-utils", path: "usr/bin/xz" },
];

/** Beside those that hold a program. */
export const morePackages: readonly string[] = ["python3-pefile"];

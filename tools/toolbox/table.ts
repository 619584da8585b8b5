// The helper programs Holdfast's development uses, and the Debian packages they come from. One line adds one.

export type Suite = "bookworm" | "trixie" | "forky";

export interface ProgramEntry {
  /** The name it gets in the toolbox's bin folder. */
  readonly program: string;
  /** The Debian package, or several separated by a space; what they depend on comes along. */
  readonly package: string;
  readonly suite: Suite;
  /** Where it lies in the package, without the leading slash. */
  readonly path: string;
  /** A host's own program is taken when its version is at least this one. Without it the package is always used. */
  readonly hostAtLeast?: string;
  /** The absolute folder in which it looks for its helpers: it runs in a mount namespace that has ours there. */
  readonly helpers?: string;
}

export const programs: readonly ProgramEntry[] = [
  { program: "sfdisk", package: "fdisk", suite: "trixie", path: "usr/sbin/sfdisk", hostAtLeast: "2.38" },
  { program: "mkfs.fat", package: "dosfstools", suite: "trixie", path: "usr/sbin/mkfs.fat", hostAtLeast: "4.2" },
  { program: "fsck.fat", package: "dosfstools", suite: "trixie", path: "usr/sbin/fsck.fat", hostAtLeast: "4.2" },
  { program: "mcopy", package: "mtools", suite: "trixie", path: "usr/bin/mcopy", hostAtLeast: "4.0" },
  { program: "mdir", package: "mtools", suite: "trixie", path: "usr/bin/mdir", hostAtLeast: "4.0" },
  { program: "mmd", package: "mtools", suite: "trixie", path: "usr/bin/mmd", hostAtLeast: "4.0" },
  { program: "mdel", package: "mtools", suite: "trixie", path: "usr/bin/mdel", hostAtLeast: "4.0" },
  { program: "mren", package: "mtools", suite: "trixie", path: "usr/bin/mren", hostAtLeast: "4.0" },
  { program: "mkfs.erofs", package: "erofs-utils", suite: "trixie", path: "usr/bin/mkfs.erofs", hostAtLeast: "1.7" },
  { program: "dump.erofs", package: "erofs-utils", suite: "trixie", path: "usr/bin/dump.erofs", hostAtLeast: "1.7" },
  { program: "fsck.erofs", package: "erofs-utils", suite: "trixie", path: "usr/bin/fsck.erofs", hostAtLeast: "1.7" },
  // Its libzstd is the one whose output Node reproduces.
  { program: "mkfs.erofs-1.9", package: "erofs-utils", suite: "forky", path: "usr/bin/mkfs.erofs" },
  { program: "mkfs.btrfs", package: "btrfs-progs", suite: "trixie", path: "usr/sbin/mkfs.btrfs", hostAtLeast: "6.0" },
  { program: "btrfs", package: "btrfs-progs", suite: "trixie", path: "usr/bin/btrfs", hostAtLeast: "6.0" },
  { program: "mkfs.ext4", package: "e2fsprogs", suite: "trixie", path: "usr/sbin/mkfs.ext4" },
  { program: "debugfs", package: "e2fsprogs", suite: "trixie", path: "usr/sbin/debugfs" },
  { program: "qemu-system-x86_64", package: "qemu-system-x86", suite: "trixie", path: "usr/bin/qemu-system-x86_64" },
  { program: "qemu-storage-daemon", package: "qemu-utils", suite: "trixie", path: "usr/bin/qemu-storage-daemon" },
  // Peers of the benches of deltas.
  { program: "casync-http", package: "casync", suite: "trixie", path: "usr/lib/casync/protocols/casync-http" },
  { program: "zsync", package: "zsync", suite: "forky", path: "usr/bin/zsync" },
  { program: "zsyncmake", package: "zsync", suite: "forky", path: "usr/bin/zsyncmake" },
  { program: "zck", package: "zchunk", suite: "forky", path: "usr/bin/zck" },
  { program: "unzck", package: "zchunk", suite: "forky", path: "usr/bin/unzck" },
  { program: "zckdl", package: "zchunk", suite: "forky", path: "usr/bin/zckdl" },
  { program: "xdelta3", package: "xdelta3", suite: "forky", path: "usr/bin/xdelta3" },
  { program: "zstd", package: "zstd", suite: "forky", path: "usr/bin/zstd" },
  { program: "desync", package: "desync", suite: "forky", path: "usr/bin/desync" },
  { program: "casync", package: "casync", suite: "trixie", path: "usr/bin/casync" },
  // Shells for the completions, and what reads the manual.
  { program: "troff", package: "groff-base", suite: "trixie", path: "usr/bin/troff" },
  { program: "zsh", package: "zsh", suite: "trixie", path: "usr/bin/zsh" },
  { program: "fish", package: "fish", suite: "trixie", path: "usr/bin/fish" },
  { program: "strace", package: "strace", suite: "trixie", path: "usr/bin/strace", hostAtLeast: "6.0" },
  { program: "cpio", package: "cpio", suite: "trixie", path: "usr/bin/cpio", hostAtLeast: "2.13" },
  { program: "genisoimage", package: "genisoimage", suite: "trixie", path: "usr/bin/genisoimage", hostAtLeast: "1.1" },
  { program: "busybox", package: "busybox-static", suite: "trixie", path: "usr/bin/busybox" },
  {
    program: "ukify",
    package: "systemd-ukify python3-pefile",
    suite: "trixie",
    path: "usr/bin/ukify",
    hostAtLeast: "257",
  },
  // A desktop's bus, someone who answers on it, and someone who listens.
  { program: "dbus-daemon", package: "dbus-daemon", suite: "trixie", path: "usr/bin/dbus-daemon", hostAtLeast: "1.12" },
  { program: "dbus-monitor", package: "dbus-bin", suite: "trixie", path: "usr/bin/dbus-monitor" },
  { program: "dbus-test-tool", package: "dbus-tests", suite: "trixie", path: "usr/bin/dbus-test-tool" },
  { program: "busctl", package: "systemd", suite: "trixie", path: "usr/bin/busctl", hostAtLeast: "250" },
  { program: "gdbus", package: "libglib2.0-bin", suite: "trixie", path: "usr/bin/gdbus" },
  { program: "promtool", package: "prometheus", suite: "trixie", path: "usr/bin/promtool" },
  { program: "openssl", package: "openssl", suite: "trixie", path: "usr/bin/openssl" },
  { program: "sbsign", package: "sbsigntool", suite: "trixie", path: "usr/bin/sbsign" },
  { program: "sbverify", package: "sbsigntool", suite: "trixie", path: "usr/bin/sbverify" },
  {
    program: "cert-to-efi-sig-list",
    package: "efitools",
    suite: "trixie",
    path: "usr/bin/cert-to-efi-sig-list",
  },
  {
    program: "cert-to-efi-hash-list",
    package: "efitools",
    suite: "trixie",
    path: "usr/bin/cert-to-efi-hash-list",
  },
  {
    program: "hash-to-efi-sig-list",
    package: "efitools",
    suite: "trixie",
    path: "usr/bin/hash-to-efi-sig-list",
  },
  { program: "osslsigncode", package: "osslsigncode", suite: "trixie", path: "usr/bin/osslsigncode" },
  { program: "bootctl", package: "systemd-boot-tools", suite: "forky", path: "usr/bin/bootctl", hostAtLeast: "257" },
  {
    program: "systemd-sysupdate-257",
    package: "systemd-container",
    suite: "trixie",
    path: "usr/lib/systemd/systemd-sysupdate",
    helpers: "/usr/lib/systemd",
  },
  {
    program: "systemd-sysupdate-262",
    // Loads libcurl only when it downloads; nothing depends on it.
    package: "systemd-container libcurl4t64",
    suite: "forky",
    path: "usr/lib/systemd/systemd-sysupdate",
    helpers: "/usr/lib/systemd",
  },
];

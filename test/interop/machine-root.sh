#!/bin/sh
# Runs a command as root in a root folder of its own: trees of Debian packages, read only beneath a layer in memory,
# with the devices of this machine. Started by machine-root.ts in namespaces of its own, with which everything ends.
# Usage: machine-root.sh PLACE TREES [FOLDER SEEN-AT]... -- COMMAND...   (TREES as overlayfs takes them)
set -eu
place=$1 trees=$2
shift 2

layers=$place/layers
root=$layers/root
mount -t tmpfs -o mode=0755 tmpfs "$layers"
mkdir "$layers/upper" "$layers/work" "$root"
mount -t overlay -o "lowerdir=$trees,upperdir=$layers/upper,workdir=$layers/work" overlay "$root"
mkdir -p "$root/proc" "$root/sys" "$root/dev" "$root/run" "$root/tmp" "$root/var/tmp"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=0755 tmpfs "$root/run"
# A real file system, where reads can bypass the page cache.
mount --bind "$place/disk" "$root/var/tmp"
while [ "$1" != -- ]; do
  mkdir -p "$root$2"
  mount --bind "$1" "$root$2"
  mount -o remount,bind,ro "$root$2"
  shift 2
done
shift

# What the packages' own installation scripts would have made.
printf '%s\n' root:x:0:0::/root:/bin/bash nobody:x:65534:65534::/:/bin/false >"$root/etc/passwd"
printf '%s\n' root:x:0: nogroup:x:65534: >"$root/etc/group"
[ -e "$root/usr/bin/awk" ] || ln -s mawk "$root/usr/bin/awk"
[ -e "$root/usr/bin/sh" ] || ln -s bash "$root/usr/bin/sh"

exec chroot "$root" "$@"

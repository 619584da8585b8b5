#!/bin/sh
# Runs a script in a machine's tree as if it were the machine that runs: its root, its own /run, the host's programs.
# Usage: live-machine.sh ROOT CHECKOUT SCRIPT, in a mount namespace of its own.
set -eu
root=$1 checkout=$2 script=$3
mount --bind "$root" "$root"
for name in bin sbin lib lib64 lib32 libx32; do
  [ -L "/$name" ] && ln -sf "$(readlink "/$name")" "$root/$name"
done
mkdir -p "$root/usr" "$root/proc" "$root/dev" "$root/run" "$root/tmp" "$root/sys/fs/cgroup"
mount --rbind /usr "$root/usr"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
# journald looks whose entries they are.
mount --rbind /sys/fs/cgroup "$root/sys/fs/cgroup"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir -p "$root$checkout"
mount --bind "$checkout" "$root$checkout"
exec chroot "$root" sh -euc "$script"

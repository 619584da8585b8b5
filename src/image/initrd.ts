// The initrd of an image: sorted, without times or owners, zstd. Parts that give a failed boot up are a must (P8).
import { concatenate } from "../base/bytes.ts";
import { Fault } from "../base/fault.ts";
import { type CpioEntry, writeCpio } from "../format/cpio-writer.ts";
import type { Build } from "./build.ts";
import { fillBusyboxInitrd } from "./initrd-busybox.ts";
import { initrdMarker } from "./initrd-parts.ts";
import { segmentsOf } from "./initrd-segments.ts";
import { fillSystemdInitrd } from "./initrd-systemd.ts";
import type { Kernel } from "./kernel.ts";
import { layOver } from "./usr-tree.ts";

/** Answers the path of the compressed archives. */
export async function makeInitrd(build: Build, kernel: Kernel): Promise<string> {
  const { workshop, profile } = build;
  const root = `${workshop.scratch}/initrd`;
  if (profile.initrd === "busybox") await fillBusyboxInitrd(build, kernel, root);
  else await fillSystemdInitrd(build, kernel, root);
  for (const place of profile.initrdParts) await layOver(build, place, root);
  if ((await workshop.kindOf(`${root}/${initrdMarker}`)) !== "file")
    throw new Fault(
      "build-no-initrd-parts",
      "Cannot build the image: its initrd lacks the parts that give a failed boot up",
      {
        hint: `Add os/initrd to InitrdParts= in the recipe: the initrd has no /${initrdMarker}.`,
      },
    );
  const path = `${workshop.scratch}/initrd.zst`;
  const segments: Uint8Array[] = [];
  for (const segment of segmentsOf(await entriesOf(build, root)))
    segments.push(await workshop.compress(writeCpio(segment), profile.compressionLevel));
  await workshop.write(path, concatenate(segments));
  return path;
}

/** Parents sort before what is in them. */
async function entriesOf({ workshop }: Build, root: string): Promise<readonly CpioEntry[]> {
  const entries: CpioEntry[] = [];
  for (const { path, kind, mode, target } of await workshop.list(root)) {
    if (kind === "folder") entries.push({ kind, path, mode });
    else if (kind === "link") entries.push({ kind, path, target: target ?? "" });
    else if (kind === "file") entries.push({ kind, path, mode, bytes: await workshop.read(`${root}/${path}`) });
  }
  return entries;
}

// The repository of a sample machine: plain files with a signed list of their checksums.
import { simCompress, simTar } from "../decoder/sim-decoder.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import { SimServer } from "../http/sim-server.ts";
import { simSign } from "../verifier/sim-verifier.ts";
import {
  addonOf,
  confOf,
  imageOf,
  initrdOf,
  kernelOf,
  type SampleOptions,
  toolsOf,
  treeOf,
  ukiOf,
} from "./sample-parts.ts";

export const origin = "http://updates.example";
export const key = { fingerprint: "ABCD" };

function archiveOf(version: string): Content {
  const owner = { uid: 0, gid: 0, mtimeUs: 1_000_000n };
  return Content.of(
    simTar([
      { kind: "folder", path: "bin", mode: 0o755, ...owner },
      ...[...treeOf(version)].map(([path, content]) => {
        const bytes = content.bytes();
        return { kind: "file" as const, path, mode: 0o644, ...owner, sizeBytes: bytes.length, content: bytes };
      }),
    ]),
  );
}

type Offered = readonly (readonly [name: string, content: Content])[];

/** What the repository has of a version, by name. */
function offersOf(options: SampleOptions, version: string): Offered {
  const { layout, compression, tools, addon } = options;
  const build = options.republished?.includes(version) === true ? 1 : 0;
  if (layout === "trees" || layout === "subvolumes") return [[`app_${version}.tar`, archiveOf(version)]];
  const image = imageOf(version, build);
  const packed: Offered =
    compression === undefined
      ? [[`os_${version}.img`, image]]
      : [[`os_${version}.img.${compression}`, Content.of(simCompress(compression, image.bytes()))]];
  const boots: Offered =
    layout === "conf"
      ? [
          [`os_${version}.conf`, confOf(version)],
          [`os_${version}.linux`, kernelOf(version, options)],
          [`os_${version}.initrd`, initrdOf(version)],
        ]
      : layout === "images"
        ? []
        : [[`os_${version}.efi`, ukiOf(version, build, options)]];
  return [
    ...packed,
    ...boots,
    ...(tools === undefined ? [] : [[`tools_${version}.img`, toolsOf(version)] as const]),
    ...(addon === true ? [[`os_${version}.addon.efi`, addonOf(version)] as const] : []),
  ];
}

function sha256(content: Content): string {
  const hasher = simDigest.sha256();
  hasher.update(content.bytes());
  return hasher.finish();
}

export function repository(options: SampleOptions): SimServer {
  const server = new SimServer(origin);
  const lines = options.offered
    .flatMap((version) => offersOf(options, version))
    .map(([name, content]) => {
      server.put(`/os/${name}`, content);
      return `${sha256(content)}  ${name}\n`;
    });
  if (options.bestBefore !== undefined) lines.push(`${sha256(Content.empty)}  BEST-BEFORE-${options.bestBefore}\n`);
  const manifest = new TextEncoder().encode(lines.join(""));
  server.put("/os/SHA256SUMS", manifest);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, manifest, options.signedAtMs ?? Date.UTC(2026, 1, 20)));
  return server;
}

// The repository of a sample machine: plain files with a signed list of their checksums, and with an index where that is wanted.
import type { ReleaseDelta } from "../../format/release-files.ts";
import { simCompress, simTar } from "../decoder/sim-decoder.ts";
import { simDigest } from "../digest/sim-digest.ts";
import { Content } from "../disk/content.ts";
import { SimServer } from "../http/sim-server.ts";
import { simSign } from "../verifier/sim-verifier.ts";
import { type SampleChunks, sampleChunks } from "./sample-chunks.ts";
import { sampleDelta } from "./sample-delta.ts";
import { indexed, releaseFile, simIndex, simSha256 } from "./sample-index.ts";
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
export const chunkStore: string = `${origin}/store`;
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
  const image = imageOf(version, build, options);
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

/** Between the images of two versions. */
function putDelta(server: SimServer, options: SampleOptions, from: string, to: string): ReleaseDelta {
  const old = imageOf(from, 0, options).bytes();
  const { delta, bytes } = sampleDelta(`os_${to}.img`, from, old, imageOf(to, 0, options).bytes());
  server.put(`/os/${delta.name}`, bytes);
  return delta;
}

const imageNameOf = (version: string): string => `os_${version}.img`;

function putChunks(
  server: SimServer,
  options: SampleOptions,
  version: string,
  before: SampleChunks | undefined,
): SampleChunks {
  const made = sampleChunks(imageNameOf(version), version, imageOf(version, 0, options).bytes(), before);
  for (const [name, bytes] of made.files) server.put(`/os/${name}`, bytes);
  return made;
}

/** Each publication is a number and an hour later than the one before. */
function putIndex(server: SimServer, options: SampleOptions, signedAtMs: number): void {
  const { offered, withdrawn = [] } = options;
  let packed: SampleChunks | undefined;
  const releases = offered.map((version, at) => {
    if (options.chunks === true) packed = putChunks(server, options, version, packed);
    const chunks = packed?.chunks;
    const resources = offersOf(options, version).map(([name, content]) => {
      const file = releaseFile(name, content.bytes());
      return name === imageNameOf(version) ? { ...file, chunks } : file;
    });
    const before = options.deltas === true ? offered[at - 1] : undefined;
    const deltas = before === undefined ? [] : [putDelta(server, options, before, version)];
    const { entry, manifest } = indexed({ version, withdrawn: withdrawn.includes(version), resources, deltas });
    server.put(`/os/${entry.name}`, manifest);
    return entry;
  });
  const serial = offered.length + withdrawn.length;
  server.put("/os/holdfast.json", simIndex(key, releases, signedAtMs - 3_600_000, { serial }));
}

/** Lines of the list of checksums. */
function putListedChunks(server: SimServer, options: SampleOptions): readonly string[] {
  const lines: string[] = [];
  let packed: SampleChunks | undefined;
  for (const version of options.offered) {
    const name = imageNameOf(version);
    packed = sampleChunks(name, version, imageOf(version, 0, options).bytes(), packed);
    for (const [path, bytes] of packed.store) server.put(`/store/${path}`, bytes);
    for (const [path, bytes] of packed.files)
      if (path === packed.chunks.index.name) {
        server.put(`/os/${name}.caibx`, bytes);
        lines.push(`${simSha256(bytes)}  ${name}.caibx\n`);
      }
    if (options.listedChunks === "alone") server.remove(`/os/${name}`);
  }
  return lines;
}

export function repository(options: SampleOptions): SimServer {
  const server = new SimServer(origin);
  const withdrawn = options.withdrawn ?? [];
  const lines = options.offered
    .flatMap((version) => offersOf(options, version).map((offer) => [version, ...offer] as const))
    .flatMap(([version, name, content]) => {
      server.put(`/os/${name}`, content);
      return withdrawn.includes(version) ? [] : [`${simSha256(content.bytes())}  ${name}\n`];
    });
  if (options.listedChunks !== undefined) lines.push(...putListedChunks(server, options));
  if (options.bestBefore !== undefined)
    lines.push(`${simSha256(Content.empty.bytes())}  BEST-BEFORE-${options.bestBefore}\n`);
  const manifest = new TextEncoder().encode(lines.join(""));
  const signedAtMs = options.signedAtMs ?? Date.UTC(2026, 1, 20) + withdrawn.length * 3_600_000;
  if (options.index === true) putIndex(server, options, signedAtMs);
  server.put("/os/SHA256SUMS", manifest);
  server.put("/os/SHA256SUMS.gpg", simSign(simDigest, key, manifest, signedAtMs));
  return server;
}

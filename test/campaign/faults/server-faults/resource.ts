// The resources that a fault can befall, and the machine on which it does: KDE Linux's layout, its image plain or compressed.
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Rule } from "../../../../tools/lab/fault-script.ts";
import type { FaultServer } from "../../../../tools/lab/fault-server.ts";
import { describeFile, fileOf, type LabRelease } from "../../../../tools/lab/release.ts";
import { canMount, Mount } from "../../../e2e/mounts.ts";
import type { Scene, SceneOptions, World } from "../../../e2e/world.ts";
import { asDistributionsDo, withIndexApart } from "../layout.ts";

const run = promisify(execFile);

export const encodings = ["plain", "gz", "xz", "zst"] as const;
export type Encoding = (typeof encodings)[number];

export interface Resource {
  /** For tables. */
  readonly name: string;
  /** `way`: what a payload is made of where its repository has more than the payload itself. */
  readonly kind: "list" | "signature" | "payload" | "way";
  /** Below the server. */
  readonly path: string;
  /** What is wrong besides, so that this one is asked for. */
  readonly standing?: readonly Rule[];
}

export interface ListedResource extends Resource {
  /** How the image travels on that machine. */
  readonly encoding: Encoding;
}

const plain: readonly ListedResource[] = [
  { name: "SHA256SUMS", kind: "list", path: "/SHA256SUMS", encoding: "plain" },
  { name: "SHA256SUMS.gpg", kind: "signature", path: "/SHA256SUMS.gpg", encoding: "plain" },
  { name: "chunk index", kind: "payload", path: "/os_3.caibx", encoding: "plain" },
  { name: "image", kind: "payload", path: "/os_3.erofs", encoding: "plain" },
  { name: "UKI", kind: "payload", path: "/os_3.efi", encoding: "plain" },
];

export const resources: readonly ListedResource[] = [
  ...plain,
  ...(["gz", "xz", "zst"] as const).map((encoding): ListedResource => {
    return { name: `image (.${encoding})`, kind: "payload", path: `/os_3.erofs.${encoding}`, encoding };
  }),
];

const compressors = { gz: ["gzip", "-nk"], xz: ["xz", "-k0"], zst: ["zstd", "-qk"] } as const;

/** Versions 1, 2 and 3, and 3 once more as each encoding publishes it. */
export interface Releases {
  readonly installed: readonly [LabRelease, LabRelease];
  readonly target: LabRelease;
  readonly published: Readonly<Record<Encoding, LabRelease>>;
}

export async function makeReleases(world: World, targetImageBytes?: number): Promise<Releases> {
  const [first, second] = await world.releases(["1", "2"], { index: true });
  const size = targetImageBytes === undefined ? {} : { imageBytes: targetImageBytes };
  const [one, two] = [withIndexApart(first), withIndexApart(second)];
  const target = withIndexApart(await world.release("3", { index: true, ...size }));
  const published: Partial<Record<Encoding, LabRelease>> = { plain: target };
  for (const encoding of ["gz", "xz", "zst"] as const) published[encoding] = await compressed(world, target, encoding);
  return { installed: [one, two], target, published: published as Record<Encoding, LabRelease> };
}

async function compressed(world: World, release: LabRelease, encoding: keyof typeof compressors): Promise<LabRelease> {
  const image = fileOf(release, "image");
  const folder = join(world.folder, `as-${encoding}`);
  await mkdir(folder, { recursive: true });
  const copy = join(folder, image.name);
  await writeFile(copy, await readFile(image.path));
  const [program, options] = compressors[encoding];
  await run(program, [options, copy]);
  const file = await describeFile("image", `${image.name}.${encoding}`, `${copy}.${encoding}`);
  return { ...release, files: release.files.map((own) => (own.role === "image" ? file : own)) };
}

/** As much as the machine's one file system holds, where one can be mounted: what never ends must not fill the host. */
const diskBytes = 48 << 20;

export interface Place extends AsyncDisposable {
  readonly scene: Scene;
  /** What the machine updates from. */
  readonly server: FaultServer;
}

/** 1 and 2 are installed, 2 runs, 3 is offered. */
export async function makePlace(
  world: World,
  releases: Releases,
  encoding: Encoding,
  options: SceneOptions = {},
): Promise<Place> {
  const { installed, published } = releases;
  const place = await placeOf(world, {
    offered: [...installed, published[encoding]],
    installed,
    index: true,
    ...options,
  });
  const { scene } = place;
  if (encoding !== "plain") {
    const path = join(scene.machine.definitions, "20-root.transfer");
    const text = await readFile(path, "utf8");
    const pattern = "MatchPattern=os_@v.erofs";
    await writeFile(path, text.replace(`${pattern}\n`, `${pattern}.${encoding} os_@v.erofs\n`));
  }
  return place;
}

/** A machine on a small disk; `server` is the scene's own where none is given. */
export async function placeOf(world: World, options: SceneOptions, server?: FaultServer): Promise<Place> {
  const mounts: Mount[] = [];
  const scene = await world.scene({
    ...options,
    prepare: async (root) => {
      if (canMount) mounts.push(await Mount.tmpfs(root, diskBytes));
    },
  });
  await asDistributionsDo(scene.machine);
  return {
    scene,
    server: server ?? scene.server,
    [Symbol.asyncDispose]: async () => {
      await server?.[Symbol.asyncDispose]();
      await scene[Symbol.asyncDispose]();
      for (const mount of mounts) await mount[Symbol.asyncDispose]();
    },
  };
}

// What the tests of the packages share: packages built once, and a clean Debian that is also a machine of the lab, which
// updates from a server that misbehaves as told.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { buildDeb } from "../../packaging/build-deb.ts";
import { buildSingle } from "../../packaging/build-single.ts";
import { describeFile, fileOf, type LabRelease } from "../../tools/lab/release.ts";
import { type Scene, World } from "../e2e/world.ts";
import { copyRoot, type DebianSuite } from "./debian-root.ts";

export interface Packages {
  readonly single: string;
  readonly holdfast: string;
  readonly initrd: string;
  /** The same, with a higher version. */
  readonly newer: string;
}

export class PackageWorld implements AsyncDisposable {
  readonly world: World;
  readonly packages: Packages;

  private constructor(world: World, packages: Packages) {
    this.world = world;
    this.packages = packages;
  }

  static async create(): Promise<PackageWorld> {
    const world = await World.create();
    const single = join(world.folder, "holdfast");
    await buildSingle(single);
    const build = (version: string): Promise<readonly string[]> =>
      buildDeb({ output: join(world.folder, version), version, single, compression: "none" });
    const [holdfast = "", initrd = ""] = await build("0.1.0-1");
    const [newer = ""] = await build("0.1.0-2");
    return new PackageWorld(world, { single, holdfast, initrd, newer });
  }

  /** A clean Debian, with the packages at /packages. */
  async debian(suite: DebianSuite): Promise<string> {
    const root = join(this.world.folder, `debian-${suite}-${crypto.randomUUID()}`);
    await mkdir(root);
    await this.#fill(suite, root);
    return root;
  }

  /** The same as a machine that has version 1 and is offered version 2, whose image comes as .gz. */
  async machine(suite: DebianSuite): Promise<{ readonly scene: Scene; readonly offered: LabRelease }> {
    const [one, two] = await this.world.releases(["1", "2"], { imageBytes: 2 << 20 });
    const offered = await this.#packed(two);
    const scene = await this.world.scene({
      installed: [one],
      offered: [offered],
      prepare: (root) => this.#fill(suite, root),
    });
    const definition = join(scene.machine.definitions, "20-root.transfer");
    const text = await readFile(definition, "utf8");
    await writeFile(definition, text.replace("MatchPattern=os_@v.erofs\n", "MatchPattern=os_@v.erofs.gz\n"));
    return { scene, offered: two };
  }

  async #packed(release: LabRelease): Promise<LabRelease> {
    const image = fileOf(release, "image");
    const packed = `${image.path}.gz`;
    await writeFile(packed, gzipSync(await readFile(image.path), { level: 1 }));
    const files = [await describeFile("image", `${image.name}.gz`, packed), fileOf(release, "entry")];
    return { ...release, files };
  }

  async #fill(suite: DebianSuite, root: string): Promise<void> {
    await copyRoot(suite, root);
    const { holdfast, initrd, newer } = this.packages;
    await mkdir(join(root, "packages"));
    for (const [name, path] of Object.entries({ holdfast, initrd, newer }))
      await writeFile(join(root, "packages", `${name}.deb`), await readFile(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.world[Symbol.asyncDispose]();
  }
}

// Programs of an image whose libraries no package has: on the host that builds it they may start, and there they would not.
import { Fault } from "../base/fault.ts";
import { readElfNeeds } from "../format/elf.ts";
import type { Build } from "./build.ts";

const libraryFolder = /^lib(64)?\//;
/** A broken program of these stops the machine, its updates, or whoever wants to log in; others are told of. */
const mustStart = /^lib\/(holdfast\/node|systemd\/[^/]+|systemd\/system-generators\/[^/]+|openssh\/sshd-[^/]+)$/;
const toldMax = 10;

/** What programs of `tree` ask of the loader: by their own needs, and by those of the libraries that they get. */
class Libraries {
  readonly #build: Build;
  readonly #places: ReadonlyMap<string, string>;
  readonly #needs = new Map<string, Promise<readonly string[]>>();

  constructor(build: Build, paths: readonly string[]) {
    this.#build = build;
    this.#places = new Map(paths.map((path) => [path.slice(path.lastIndexOf("/") + 1), path]));
  }

  /** Libraries that a file below /usr does not get, each once. */
  async missingFor(path: string): Promise<readonly string[]> {
    const missing = new Set<string>();
    const seen = new Set<string>();
    const wanted = [...(await this.#needsOf(path))];
    for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
      if (seen.has(name)) continue;
      seen.add(name);
      const place = this.#places.get(name);
      if (place === undefined) missing.add(name);
      else wanted.push(...(await this.#needsOf(place)));
    }
    return [...missing].toSorted();
  }

  async #needsOf(path: string): Promise<readonly string[]> {
    const known = this.#needs.get(path);
    if (known !== undefined) return known;
    const { workshop, tree } = this.#build;
    const read = workshop.read(`${tree}/usr/${path}`).then((bytes) => readElfNeeds(bytes).needed);
    this.#needs.set(path, read);
    return read;
  }
}

export async function checkLibraries(build: Build): Promise<void> {
  const { workshop, tree, note } = build;
  const entries = await workshop.list(`${tree}/usr`);
  const libraries = new Libraries(
    build,
    entries.filter(({ path, kind }) => libraryFolder.test(path) && kind !== "folder").map(({ path }) => path),
  );
  const broken: string[] = [];
  for (const { path, kind, mode } of entries) {
    if (kind !== "file" || (mode & 0o100) === 0) continue;
    const missing = await libraries.missingFor(path);
    if (missing.length === 0) continue;
    if (mustStart.test(path))
      throw new Fault(
        "build-no-library",
        `Cannot build the image: /usr/${path} needs ${missing.join(", ")}, and no package has it`,
        {
          hint: "Add the packages that have these libraries to Packages= in the recipe, or take them out of Without=.",
        },
      );
    broken.push(`/usr/${path} needs ${missing.join(", ")}, and will not start`);
  }
  for (const text of broken.slice(0, toldMax)) note(text);
  if (broken.length > toldMax) note(`${broken.length - toldMax} more programs lack libraries`);
}

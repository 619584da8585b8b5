// Programs of an image whose libraries no package has: on the host that builds it they may start, and there they would not.
import { Fault } from "../base/fault.ts";
import { readElfNeeds } from "../format/elf.ts";
import type { Build } from "./build.ts";

const libraryFolder = /^lib(64)?\//;
/** A broken program of these stops the machine, or its updates; others are told of. */
const mustStart = /^lib\/(holdfast\/node|systemd\/[^/]+|systemd\/system-generators\/[^/]+)$/;
const toldMax = 10;

export async function checkLibraries({ workshop, tree, note }: Build): Promise<void> {
  const entries = await workshop.list(`${tree}/usr`);
  const names = new Set(
    entries
      .filter(({ path, kind }) => libraryFolder.test(path) && kind !== "folder")
      .map(({ path }) => path.slice(path.lastIndexOf("/") + 1)),
  );
  const broken: string[] = [];
  for (const { path, kind, mode } of entries) {
    if (kind !== "file" || (mode & 0o100) === 0) continue;
    const { needed } = readElfNeeds(await workshop.read(`${tree}/usr/${path}`));
    const missing = needed.filter((name) => !names.has(name));
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

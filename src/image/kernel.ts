// The kernel of an image and the modules that its recipe names, with what they need, stored uncompressed: the image
// compresses better than each module alone does, and nothing has to unpack them while booting.
import { Fault } from "../base/fault.ts";
import { moduleName, readKernelModule } from "../format/kernel-module.ts";
import type { Workshop } from "../port/workshop.ts";
import type { Build } from "./build.ts";

export interface Kernel {
  /** The kernel itself, on the host. */
  readonly path: string;
  /** What `uname -r` will say. */
  readonly release: string;
  /** Paths below `modulesFolder` by name of the module, in the order in which they can be loaded. */
  readonly modules: ReadonlyMap<string, ModuleFile>;
  readonly builtin: ReadonlySet<string>;
  /** In the tree of the image. */
  readonly modulesFolder: string;
}

export interface ModuleFile {
  readonly path: string;
  readonly needs: readonly string[];
}

const moduleFile = /(?:^|\/)([^/]+)\.ko(\.xz)?$/;
const roundsMax = 32;

export async function bringKernel(build: Build): Promise<Kernel> {
  const { workshop, profile, recipe, tree } = build;
  const packages = await workshop.fetch(recipe.suite, [profile.kernel], "linux-");
  const base = await workshop.unpacked(packages);
  const { path, release } = await findKernel(workshop, base, profile.kernel);
  const from = `${base}/usr/lib/modules/${release}`;
  const to = `${tree}/usr/lib/modules/${release}`;
  for (const name of ["modules.builtin", "modules.builtin.modinfo", "modules.order"]) {
    if ((await workshop.kindOf(`${from}/${name}`)) === "file")
      await workshop.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
  const builtin = namesIn(new TextDecoder().decode(await workshop.read(`${to}/modules.builtin`)));
  const modules = await bringModules(build, from, to, builtin);
  // depmod looks below lib.
  await workshop.link(`${tree}/lib`, "usr/lib");
  await workshop.run("depmod", ["-b", tree, release]);
  return { path, release, modules, builtin, modulesFolder: to };
}

async function findKernel(workshop: Workshop, base: string, name: string): Promise<{ path: string; release: string }> {
  const entries = await workshop.list(`${base}/usr/lib/modules`);
  const release = entries.find(({ path, kind }) => kind === "folder" && !path.includes("/"))?.path;
  for (const path of [`${base}/usr/lib/modules/${release}/vmlinuz`, `${base}/boot/vmlinuz-${release}`])
    if (release !== undefined && (await workshop.kindOf(path)) === "file") return { path, release };
  throw new Fault("build-no-kernel", `Cannot build the image: the package ${name} has no kernel`, {
    hint: "Correct Kernel= in the recipe, as in linux-image-amd64.",
  });
}

function namesIn(list: string): ReadonlySet<string> {
  return new Set(
    list
      .split("\n")
      .flatMap((line) => moduleFile.exec(line)?.[1] ?? [])
      .map(moduleName),
  );
}

/** Round by round: those that are wanted, then those that these need. */
async function bringModules(
  { workshop, profile }: Build,
  from: string,
  to: string,
  builtin: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ModuleFile>> {
  const offered = new Map<string, string>();
  for (const { path } of await workshop.list(from)) {
    const name = moduleFile.exec(path)?.[1];
    if (name !== undefined) offered.set(moduleName(name), path);
  }
  const wanted = [...profile.modules, ...profile.initrdModules].map(moduleName);
  const unknown = wanted.find((name) => !offered.has(name) && !builtin.has(name));
  if (unknown !== undefined)
    throw new Fault("build-no-module", `Cannot build the image: ${profile.kernel} has no module ${unknown}`, {
      hint: "Correct Modules= or InitrdModules= in the recipe, or take another Kernel=.",
    });
  const found = new Map<string, ModuleFile>();
  let round = wanted;
  for (let rounds = 0; round.length > 0 && rounds < roundsMax; rounds++) {
    const fresh = [...new Set(round)].filter((name) => offered.has(name) && !found.has(name));
    const packed: string[] = [];
    for (const name of fresh) {
      const path = offered.get(name) ?? "";
      await workshop.copyFile(`${from}/${path}`, `${to}/${path}`);
      if (path.endsWith(".xz")) packed.push(`${to}/${path}`);
    }
    if (packed.length > 0) await workshop.run("xz", ["--decompress", "--force", ...packed]);
    round = [];
    for (const name of fresh) {
      const path = (offered.get(name) ?? "").replace(/\.xz$/, "");
      const { needs } = readKernelModule(path.slice(path.lastIndexOf("/") + 1), await workshop.read(`${to}/${path}`));
      found.set(name, { path, needs });
      round.push(...needs);
    }
  }
  return found;
}

/** The named modules and what they need, each behind what it needs. */
export function loadOrder({ modules }: Kernel, names: readonly string[]): readonly ModuleFile[] {
  const order = new Map<string, ModuleFile>();
  const visit = (name: string, above: readonly string[]): void => {
    const module = modules.get(name);
    if (module === undefined || order.has(name) || above.includes(name)) return;
    for (const need of module.needs) visit(need, [...above, name]);
    order.set(name, module);
  };
  for (const name of names) visit(moduleName(name), []);
  return [...order.values()];
}

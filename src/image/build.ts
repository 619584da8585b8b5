// `holdfast image build`: from a recipe to the files of a release. The course of it; what each part does is in its own file.
import { Fault } from "../base/fault.ts";
import { isVersion, type Version } from "../base/ids.ts";
import { findProfile, type Profile, type Recipe } from "../format/recipe.ts";
import type { Progress } from "../port/progress.ts";
import type { Workshop } from "../port/workshop.ts";
import { bringHoldfast, type HoldfastSource } from "./bring-holdfast.ts";
import { commandLine } from "./command-line.ts";
import { enableUnits } from "./enable-units.ts";
import { makeErofs, makeVerity } from "./file-system.ts";
import { makeInitrd } from "./initrd.ts";
import { installFileName, type InstallLayout } from "./install-release.ts";
import { bringKernel, type Kernel } from "./kernel.ts";
import { osRelease } from "./os-release-text.ts";
import { demandFree, type Publication, publish, releaseFileNames } from "./publish-release.ts";
import { checkLibraries } from "./libraries.ts";
import { makeUki, type SecureBootKey, signLoader } from "./unified-kernel.ts";
import { makeUsr } from "./usr-tree.ts";

export interface BuildRequest {
  readonly recipe: Recipe;
  /** The recipe's file, for messages, and its folder, which its paths start from. */
  readonly recipeFile: string;
  readonly recipeFolder: string;
  readonly version: string;
  /** The recipe's own default where absent. */
  readonly profile?: string;
  readonly layouts: readonly InstallLayout[];
  /** Absolute. */
  readonly output: string;
  /** An OpenPGP secret key for SHA256SUMS, whose public part goes into the image. */
  readonly signingKey?: string;
  /** The public key that goes into the image where another one signs. */
  readonly keyring?: Uint8Array;
  readonly secureBoot?: SecureBootKey;
  /** Seconds since 1970 for every file; the newest of the packages where absent. */
  readonly epochSeconds?: number;
}

/** What the parts of a build work with. */
export interface Build {
  readonly workshop: Workshop;
  readonly recipe: Recipe;
  readonly recipeFolder: string;
  readonly profile: Profile;
  readonly version: Version;
  readonly epochSeconds: number;
  /** The tree that becomes /usr: the folder whose `usr` it is. */
  readonly tree: string;
  readonly note: (text: string) => void;
}

export interface BuiltRelease extends Publication {
  readonly name: string;
  readonly version: Version;
  readonly profile: string;
}

/** Leaves the output as it was until everything is built. Faults: of recipe, workshop, and `build-*`. */
export async function buildImage(
  workshop: Workshop,
  progress: Progress,
  request: BuildRequest,
  holdfast: HoldfastSource,
): Promise<BuiltRelease> {
  const { recipe, recipeFile, recipeFolder, version } = request;
  if (!isVersion(version))
    throw new Fault(
      "build-bad-version",
      `Cannot build the version ${JSON.stringify(version)}: no version looks like this`,
      {
        hint: "Versions consist of letters, digits, and . ~ ^ - +",
        kind: "usage",
      },
    );
  const profile = findProfile(recipe, request.profile ?? recipe.defaultProfile, recipeFile);
  await demandFree(workshop, request, releaseFileNames(recipe.name, version, request.layouts));
  const titles = ["packages", "/usr", "kernel and modules", "file system", "initrd", "boot entries", "release"];
  const steps = stepper(progress, titles);

  steps.next();
  const packages = await workshop.fetch(recipe.suite, profile.packages);
  const kept = packages.filter(({ name }) => !profile.without.includes(name));
  const base = await workshop.unpacked(kept);
  const tree = `${workshop.scratch}/tree`;
  const epochSeconds = request.epochSeconds ?? (await newestFile(workshop, base));
  const build: Build = {
    workshop,
    recipe,
    recipeFolder,
    profile,
    version,
    epochSeconds,
    tree,
    note: (text) => progress.report({ kind: "note", text }),
  };

  steps.next();
  await makeUsr(build, base, kept);
  await workshop.write(`${tree}/usr/lib/os-release`, osRelease(recipe, profile, version));
  if (profile.holdfast) await bringHoldfast(build, holdfast);
  const keyring =
    request.signingKey === undefined ? request.keyring : (await workshop.signer(request.signingKey)).keyring;
  if (keyring !== undefined) {
    await workshop.write(`${tree}/usr/lib/systemd/import-pubring.pgp`, keyring);
  }
  if (request.secureBoot !== undefined) await signLoader(build, request.secureBoot);
  await enableUnits(build);
  await checkLibraries(build);

  steps.next();
  const kernel = await bringKernel(build);
  steps.next();
  const erofs = await makeErofs(build);
  const usrHash = request.layouts.includes("ab") ? await makeVerity(build, erofs) : undefined;
  steps.next();
  const initrd = await makeInitrd(build, kernel);
  steps.next();
  const entries = await makeEntries(build, request, kernel, initrd, usrHash);
  steps.next();
  const published = await publish(build, request, { erofs, entries });
  steps.done();
  return { name: recipe.name, version, profile: profile.name, ...published };
}

async function makeEntries(
  build: Build,
  request: BuildRequest,
  kernel: Kernel,
  initrd: string,
  usrHash: string | undefined,
): Promise<readonly (readonly [layout: InstallLayout, path: string])[]> {
  const { recipe, version, profile, workshop } = build;
  const entries: [InstallLayout, string][] = [];
  for (const layout of request.layouts) {
    const path = `${workshop.scratch}/${installFileName(recipe.name, version, layout, "entry")}`;
    const words = commandLine({
      name: recipe.name,
      version,
      layout,
      words: profile.commandLine,
      ...(usrHash === undefined ? {} : { usrHash }),
    });
    await makeUki(build, { kernel, initrd, commandLine: words, path, secureBoot: request.secureBoot });
    entries.push([layout, path]);
  }
  return entries;
}

/** The time that the newest file of the packages tells: the same packages, the same time. */
async function newestFile(workshop: Workshop, folder: string): Promise<number> {
  const entries = await workshop.list(`${folder}/usr`);
  return entries.reduce(
    (newest, { kind, modifiedSeconds }) => (kind === "file" ? Math.max(newest, modifiedSeconds) : newest),
    0,
  );
}

interface Stepper {
  next(): void;
  done(): void;
}

function stepper(progress: Progress, titles: readonly string[]): Stepper {
  const count = titles.length;
  let index = 0;
  const end = (): void => {
    const title = titles[index - 1];
    if (title !== undefined) progress.report({ kind: "step-done", index, count, title });
  };
  return {
    next() {
      end();
      index += 1;
      progress.report({ kind: "step", index, count, title: titles[index - 1] ?? "" });
    },
    done: end,
  };
}

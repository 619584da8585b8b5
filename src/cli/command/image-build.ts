// holdfast image build RECIPE: the files of a release from a recipe; the same inputs give the same bytes.
import { buildCommand } from "@stricli/core";
import { readText } from "../../agent/state/small-file.ts";
import { parseRecipe, type Recipe } from "../../format/recipe.ts";
import { buildImage, type BuildRequest } from "../../image/build.ts";
import { type InstallLayout, installLayouts } from "../../image/install-release.ts";
import type { Disk } from "../../port/disk.ts";
import { judgeUkiInitrd } from "../../image/initrd-parts.ts";
import type { HoldfastSource } from "../../image/bring-holdfast.ts";
import type { Progress } from "../../port/progress.ts";
import type { Workshop } from "../../port/workshop.ts";
import { addRelease } from "../../publish/add.ts";
import type { Publisher } from "../../publish/publisher.ts";
import { removeTree } from "../../publish/files.ts";
import { readSystem } from "../../publish/read-system.ts";
import { findSettings, keyringOf } from "../../publish/settings.ts";
import type { ImageBuildReport } from "../../wire/reports.ts";
import type { RepositorySettings } from "../../wire/repository.ts";
import { act } from "../act.ts";
import type { CliContext, CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { pathArgument, versionArgument } from "../parse.ts";
import { hostPath } from "../place.ts";
import { renderBuild } from "../text/image-build.ts";
import { missing, usageFault } from "../usage-fault.ts";

interface Flags extends CommonFlags {
  readonly version?: string;
  readonly output?: string;
  readonly profile?: string;
  readonly layout: "kde" | "ab" | "both";
  readonly key?: string;
  readonly secureBootKey?: string;
  readonly secureBootCertificate?: string;
  readonly refresh: boolean;
}

async function readRecipe(disk: Disk, file: string): Promise<Recipe> {
  const text = await readText(disk, file);
  if (text === undefined)
    throw usageFault(
      `Cannot use the recipe ${file}: there is no such file`,
      "The reference OS has os/reference/recipe.conf.",
    );
  return parseRecipe(file, text);
}

/** Seconds since 1970, as reproducible-builds.org defines the variable. */
function epochOf(context: CliContext): number | undefined {
  const text = context.process.env["SOURCE_DATE_EPOCH"];
  if (text === undefined || text === "") return undefined;
  if (/^\d{1,11}$/.test(text)) return Number(text);
  throw usageFault(
    `Cannot use SOURCE_DATE_EPOCH=${text.slice(0, 40)}: it is no number of seconds`,
    "Unset it, or give seconds since 1970.",
  );
}

function secureBootOf(flags: Flags, workingFolder: string): BuildRequest["secureBoot"] {
  const { secureBootKey: key, secureBootCertificate: certificate } = flags;
  if (key === undefined && certificate === undefined) return undefined;
  if (key === undefined || certificate === undefined)
    throw usageFault(
      "Cannot sign for Secure Boot: a key and its certificate belong together",
      "Give --secure-boot-key and --secure-boot-certificate.",
    );
  return { privateKey: hostPath(key, workingFolder), certificate: hostPath(certificate, workingFolder) };
}

function requestFor(flags: Flags, recipe: Recipe, recipeFile: string, context: CliContext): BuildRequest {
  const { workingFolder } = context;
  if (flags.version === undefined)
    throw missing("image build", "--version", "Give one that is newer than the last, for example --version=2.");
  if (flags.output === undefined)
    throw missing("image build", "--output", "Name the folder for its files, for example --output=repository.");
  const epochSeconds = epochOf(context);
  const secureBoot = secureBootOf(flags, workingFolder);
  const layouts: readonly InstallLayout[] = flags.layout === "both" ? installLayouts : [flags.layout];
  return {
    recipe,
    recipeFile,
    recipeFolder: recipeFile.slice(0, recipeFile.lastIndexOf("/")),
    version: flags.version,
    layouts,
    output: hostPath(flags.output, workingFolder),
    ...(flags.profile === undefined ? {} : { profile: flags.profile }),
    ...(flags.key === undefined ? {} : { signingKey: hostPath(flags.key, workingFolder) }),
    ...(secureBoot === undefined ? {} : { secureBoot }),
    ...(epochSeconds === undefined ? {} : { epochSeconds }),
  };
}

async function buildInto(
  opened: Workshop,
  progress: Progress,
  request: BuildRequest,
  holdfast: HoldfastSource,
): Promise<ImageBuildReport> {
  await using workshop = opened;
  return { ...(await buildImage(workshop, progress, request, holdfast)), staged: false };
}

/** A repository of Holdfast is published in one step: what is built is looked into and staged as `repo add` does. */
async function buildForRepository(
  publisher: Publisher,
  settings: RepositorySettings,
  wanted: BuildRequest,
  { open, holdfast }: { open: (output: string) => Promise<Workshop>; holdfast: HoldfastSource },
): Promise<ImageBuildReport> {
  // The repository's own key signs, and its public part goes into the image.
  const { signingKey: _, ...request } = wanted;
  const output = `${publisher.folder}/.holdfast/built`;
  const { disk, digest, decoder, progress } = publisher.machine;
  // What a build that was cut off left there.
  await removeTree(disk, output);
  const built = await buildInto(
    await open(output),
    progress,
    { ...request, output, keyring: keyringOf(settings) },
    holdfast,
  );
  await addRelease(publisher, {
    version: request.version,
    files: built.files.map(({ name }) => `${output}/${name}`),
    transfers: undefined,
    notes: "",
    epoch: 0,
    withoutInitrdParts: false,
    inspectors: { digest, initrd: (entry) => judgeUkiInitrd(entry, decoder), system: readSystem },
  });
  await removeTree(disk, output);
  return { ...built, output: publisher.folder, signed: true, staged: true };
}

const text = { kind: "parsed", optional: true } as const;

export const page: CommandPage = {
  name: "image build",
  brief: "Build a release of an OS from a recipe",
  description: [
    "Makes the files of a release from Debian packages: an image of /usr, a boot entry with kernel and initrd, for the layout with slots its dm-verity hashes, and SHA256SUMS. The same recipe, version and packages give the same bytes.",
    "Packages come through this machine's apt, without root and without changing it; the programs that build come from Debian testing as well. What was downloaded is kept for the next build. The output folder gets its files when all of them are done; where it is a repository of Holdfast, they are staged in it, for `repo commit`.",
  ],
  examples: [
    { input: "image build os.conf --version=2 --output=repo", does: "unsigned" },
    { input: "image build os.conf --version=2 --output=repo --key=KEY", does: "signed" },
  ],
  command: buildCommand<Flags, [recipe: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        version: {
          ...text,
          parse: versionArgument,
          brief: "The version to build; must be given",
          placeholder: "VERSION",
        },
        output: {
          ...text,
          parse: pathArgument,
          brief: "Folder for the release's files; must be given",
          placeholder: "DIR",
        },
        profile: { ...text, parse: String, brief: "Profile of the recipe, if not its own", placeholder: "NAME" },
        layout: {
          kind: "enum",
          values: ["kde", "ab", "both"],
          default: "both",
          brief: "For images as files (kde), for slots with dm-verity (ab), or both",
        },
        key: { ...text, parse: pathArgument, brief: "OpenPGP secret key that signs SHA256SUMS", placeholder: "FILE" },
        secureBootKey: {
          ...text,
          parse: pathArgument,
          brief: "Private key (PEM) that signs boot entries and loader",
          placeholder: "FILE",
        },
        secureBootCertificate: { ...text, parse: pathArgument, brief: "Its certificate (PEM)", placeholder: "FILE" },
        refresh: { ...onOff, brief: "Read the lists of packages anew: newer packages" },
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "RECIPE", brief: "" }] },
    },
    func: act<Flags, [recipe: string]>(
      { name: "image build", long: true },
      async ({ context, session, print }, flags, recipeArgument) => {
        if (flags.root !== undefined)
          throw usageFault("Cannot build for --root: an image is of no machine", "Leave --root away.");
        const { disk, progress } = session.machine;
        const recipeFile = hostPath(recipeArgument, context.workingFolder);
        const request = requestFor(flags, await readRecipe(disk, recipeFile), recipeFile, context);
        const open = (output: string): Promise<Workshop> =>
          context.openWorkshop({
            output,
            say: (line) => progress.report({ kind: "note", text: line }),
            signal: session.signal,
            refresh: flags.refresh,
          });
        const repository = { machine: session.machine, folder: request.output, signal: session.signal };
        const settings = await findSettings(repository);
        if (settings !== undefined && flags.key !== undefined)
          throw usageFault(
            `Cannot sign with --key: ${request.output} is a repository, and has a key of its own`,
            "Leave --key away.",
          );
        const holdfast = await context.ownInstallation();
        const built =
          settings === undefined
            ? await buildInto(await open(request.output), progress, request, holdfast)
            : await buildForRepository(repository, settings, request, { open, holdfast });
        print(built, renderBuild);
        return exit.done;
      },
    ),
  }),
};

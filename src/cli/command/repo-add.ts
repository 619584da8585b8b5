// holdfast repo add DIR --version V FILE...: looks at a release, refuses what machines could not use, and stages it.
import { buildCommand } from "@stricli/core";
import { readDefinitions } from "../../agent/observe/definitions.ts";
import type { Transfer } from "../../format/definitions.ts";
import { judgeUkiInitrd } from "../../image/initrd-parts.ts";
import { addRelease } from "../../publish/add.ts";
import { readSystem } from "../../publish/read-system.ts";
import { act, type Call } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { numberArgument } from "../parse-simulate.ts";
import { pathArgument, versionArgument } from "../parse.ts";
import { hostPath } from "../place.ts";
import { publisherFor } from "../repo.ts";
import { renderAdd } from "../text/repo.ts";
import { missing } from "../usage-fault.ts";

interface Flags extends CommonFlags {
  readonly version?: string;
  readonly notes?: string;
  readonly epoch: number;
  readonly withoutInitrdParts: boolean;
}

/** Those that take part on a machine whose features are as the definitions have them. */
async function transfersOf({ session }: Call, flags: Flags): Promise<readonly Transfer[] | undefined> {
  if (flags.definitions === undefined && flags.component === undefined) return undefined;
  return (await readDefinitions(session)).enabled;
}

const text = { kind: "parsed", optional: true } as const;

export const page: CommandPage = {
  name: "repo add",
  brief: "Check a release, and stage it: no client sees it yet",
  usage: "DIR --version=VERSION FILE...",
  description: [
    "Looks into the files of a release, and refuses what would not boot or could not be updated from: a resource that is missing, a boot entry for another version, machine or image, a file that is cut off, names that machines would mistake, a version that is not newer. With --definitions it asks what machines with these definitions would make of it; without, it wants an image and a boot entry at least.",
    "Then it copies the files, cuts them into chunks, makes deltas from the newest releases, and leaves all that in DIR/.holdfast until `holdfast repo commit`. Nothing that a client reads has changed.",
  ],
  examples: [
    { input: "repo add os --version=5 os_5.erofs os_5.efi", does: "a release" },
    { input: "repo add os --version=5 out/* --definitions=DIR", does: "as machines see it" },
  ],
  command: buildCommand<Flags, string[], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        version: { ...text, parse: versionArgument, brief: "The version of the release", placeholder: "VERSION" },
        notes: { ...text, parse: String, brief: "What is new, for people", placeholder: "TEXT" },
        epoch: {
          kind: "parsed",
          parse: numberArgument("a state epoch", 0, 1_000_000),
          default: "0",
          brief: "Of the state on disk; raising it needs consent",
          placeholder: "N",
        },
        withoutInitrdParts: {
          kind: "boolean",
          withNegated: false,
          default: false,
          brief: "Take an initrd in which a failed boot may hang",
        },
        ...commonFlags,
      },
      positional: { kind: "array", parameter: { parse: pathArgument, placeholder: "FILE", brief: "" } },
    },
    func: act<Flags, string[]>(
      { name: "repo add", long: true, keeps: "Nothing that clients read was changed; run the same command again." },
      async (call, flags, folder, ...files) => {
        if (folder === undefined)
          throw missing("repo add", "DIR", "Name the repository first, then the files of the release.");
        if (flags.version === undefined)
          throw missing(
            "repo add",
            "--version",
            "Give the one that is in the names of its files, for example --version=5.",
          );
        if (files.length === 0)
          throw missing("repo add", "FILE", "Name all files of the release, as in os_5.erofs os_5.efi.");
        const { workingFolder } = call.context;
        const publisher = publisherFor(call, flags, folder);
        const { decoder, digest } = call.session.machine;
        const report = await addRelease(publisher, {
          version: flags.version,
          files: files.map((file) => hostPath(file, workingFolder)),
          transfers: await transfersOf(call, flags),
          notes: flags.notes ?? "",
          epoch: flags.epoch,
          withoutInitrdParts: flags.withoutInitrdParts,
          inspectors: { digest, initrd: (entry) => judgeUkiInitrd(entry, decoder), system: readSystem },
        });
        call.print(report, renderAdd);
        return exit.done;
      },
    ),
  }),
};

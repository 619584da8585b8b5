// holdfast repo verify DIR: is everything there that a client would need, and intact? Exit code 1 when a client would fail, 7
// when something needs a look before it does.
import { buildCommand } from "@stricli/core";
import { verifyRepository } from "../../publish/verify.ts";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { percentArgument } from "../parse-repo.ts";
import { pathArgument } from "../parse.ts";
import { publisherFor } from "../repo.ts";
import { renderVerify } from "../text/repo-verify.ts";

interface Flags extends CommonFlags {
  readonly sample: number;
}

export const page: CommandPage = {
  name: "repo verify",
  brief: "Read all that a client would need, and check it",
  description: [
    "Reads the index and its signature, the pair for other clients, and every file that an offered release needs, from the medium, and compares sizes and digests. The maps of packs are held against the indexes, and against the chunks in the packs. Chunks of the store are decompressed and held against their names; with --sample only a part of them is, packs are not opened, and of the other chunks it looks whether they are there.",
    "Exit code 1: a client would fail; 7: none would yet.",
  ],
  examples: [
    { input: "repo verify /srv/os", does: "everything" },
    { input: "repo verify /srv/os --sample=5%", does: "for large stores" },
  ],
  command: buildCommand<Flags, [folder: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        sample: {
          kind: "parsed",
          parse: percentArgument,
          default: "100%",
          brief: "The share of stored chunks that is read",
          placeholder: "PERCENT",
        },
        ...commonFlags,
      },
      positional: { kind: "tuple", parameters: [{ parse: pathArgument, placeholder: "DIR", brief: "" }] },
    },
    func: act<Flags, [folder: string]>(
      { name: "repo verify", long: true, keeps: "Nothing was changed." },
      async (call, flags, folder) => {
        const report = await verifyRepository(publisherFor(call, flags, folder), flags.sample);
        call.print(report, renderVerify);
        if (report.findings.length === 0) return exit.done;
        return report.findings.some(({ severity }) => severity === "damaged") ? exit.failed : exit.finding;
      },
    ),
  }),
};

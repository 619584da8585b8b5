// holdfast report [--output FILE]: a bundle for a bug report, redacted by the agent, as one gzip-compressed JSON file.
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { jsonText } from "../json.ts";
import { pathArgument } from "../parse.ts";
import { hostPath } from "../place.ts";

interface Flags extends CommonFlags {
  readonly output?: string;
}

/** `holdfast-report-2026-03-14T150926Z.json.gz`: sorts by time, and two within a day do not collide. */
export function reportName(nowMs: number): string {
  const stamp = new Date(nowMs).toISOString().slice(0, 19).replaceAll(":", "");
  return `holdfast-report-${stamp}Z.json.gz`;
}

export const page: CommandPage = {
  name: "report",
  brief: "Write a file for a bug report, without secrets",
  description: [
    "Writes what a developer needs to understand a problem into one file: status, findings, definitions, history. Names of hosts, credentials in addresses, and machine ids are left out. Have a look into it (zcat) before you pass it on. With --json it is printed instead, and no file is written.",
  ],
  examples: [
    { input: "report", does: "into the current folder" },
    { input: "report --output=/tmp/bug.json.gz", does: "into this file" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        output: {
          kind: "parsed",
          parse: pathArgument,
          brief: "The file to write; it must not exist yet",
          placeholder: "FILE",
          optional: true,
        },
        ...commonFlags,
      },
    },
    func: act<Flags, []>({ name: "report", long: true }, async ({ context, agent, session, print, look }, flags) => {
      const bundle = await agent.bugReport(session);
      if (flags.json && flags.output === undefined) {
        print(bundle, () => "");
        return exit.done;
      }
      const file = hostPath(flags.output ?? reportName(look.nowMs), context.workingFolder);
      await context.writeCompressed(file, jsonText(bundle));
      print({ file }, () => `Wrote ${file}\nLook into it with zcat before you pass it on.\n`);
      return exit.done;
    }),
  }),
};

// holdfast varlink: what the units in packaging/varlink run for each connection to their sockets.
import { buildCommand } from "@stricli/core";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { reportFailure } from "../fail.ts";
import { type CommonFlags, commonFlags } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { choiceArgument, pathArgument } from "../parse.ts";
import { usageFault } from "../usage-fault.ts";
import { interfaceNames, serveHanded } from "../varlink.ts";

interface Flags extends CommonFlags {
  readonly interface?: string;
  readonly peer?: string;
}

export const page: CommandPage = {
  name: "varlink",
  brief: "Answer calls of other programs (for systemd's units)",
  description: [
    "Speaks Varlink on the one connection that systemd accepted and handed over, and ends with it. On /run/holdfast/org.holdfast.Update it does what the other commands do, with progress while it lasts; on /run/systemd/io.systemd.SysUpdate it answers as systemd-sysupdate does.",
    "Root may do everything. For everyone else polkit decides, method by method, about the process that systemd names in --peer.",
  ],
  examples: [
    { input: "varlink --peer=0-1234-1000", does: "what holdfast-varlink@.service does" },
    { input: "varlink --interface=io.systemd.SysUpdate", does: "for systemd's" },
  ],
  command: buildCommand<Flags, [], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        interface: {
          kind: "parsed",
          parse: choiceArgument("an interface", interfaceNames),
          brief: "The interface to serve",
          placeholder: "NAME",
          optional: true,
        },
        peer: {
          kind: "parsed",
          parse: pathArgument,
          brief: "Who calls: the instance of the unit, %i",
          placeholder: "INSTANCE",
          optional: true,
        },
        ...commonFlags,
      },
    },
    async func(this: CommandThis, flags: Flags): Promise<void> {
      const { cli } = this;
      try {
        await using handed = await cli.takeConnection(flags.peer);
        if (handed === undefined) {
          throw usageFault(
            "Cannot answer calls: no connection was handed over",
            "systemd starts this for each connection; try: varlinkctl info /run/holdfast/org.holdfast.Update",
          );
        }
        await serveHanded(cli, handed, flags.interface ?? interfaceNames[0]);
        cli.process.exitCode = exit.done;
      } catch (thrown) {
        const { json, verbose } = flags;
        cli.process.exitCode = reportFailure(cli, thrown, { program: "holdfast", json, verbose });
      }
    },
  }),
};

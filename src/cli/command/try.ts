// holdfast try VERSION: boots it once and comes back by itself; try --keep in it makes it stay (P8).
import { buildCommand } from "@stricli/core";
import { act } from "../act.ts";
import type { CommandThis } from "../context.ts";
import { exit } from "../exit-code.ts";
import { type CommonFlags, commonFlags, onOff, rebootFlag, versionIfAny } from "../flags.ts";
import type { CommandPage } from "../help.ts";
import { rebootInto } from "../reboot.ts";
import { renderTry } from "../text/try.ts";
import { missing, usageFault } from "../usage-fault.ts";

interface Flags extends CommonFlags {
  readonly keep: boolean;
  readonly reboot: boolean;
}

export const page: CommandPage = {
  name: "try",
  brief: "Boot a version once, and come back by itself",
  description: [
    "Reads VERSION and, if every byte is right, asks the boot loader to start it at the next boot and only then. The boot after that is of the version that runs now, unless `holdfast try --keep` is run in the tried one, once its boot was found good. What is in quarantine may be tried; keeping it ends the quarantine.",
  ],
  examples: [
    { input: "try 24.3 --reboot", does: "boot 24.3 now, once" },
    { input: "try --keep", does: "in 24.3: stay with it" },
  ],
  command: buildCommand<Flags, [version?: string], CommandThis>({
    docs: { brief: "" },
    parameters: {
      flags: {
        keep: { ...onOff, brief: "Stay with the version that runs for a try" },
        reboot: rebootFlag,
        ...commonFlags,
      },
      positional: versionIfAny,
    },
    func: act<Flags, [version?: string]>(
      { name: "try", long: true },
      async ({ context, agent, session, print }, { keep, reboot }, version) => {
        if (keep && reboot)
          throw usageFault(
            "Cannot keep a version and reboot: the version to keep runs already",
            "Leave one of --keep and --reboot away.",
          );
        if (keep) {
          print(await agent.keepTried(session, version), renderTry);
          return exit.done;
        }
        if (version === undefined)
          throw missing("try", "VERSION", "`holdfast list` shows the versions that are installed.");
        print(await agent.tryVersion(session, version), renderTry);
        if (reboot) await rebootInto(context, session, version);
        return exit.done;
      },
    ),
  }),
};

// `--reboot`: only into a version that was just made to boot next, and only the machine we run on.
import { Fault } from "../base/fault.ts";
import type { Session } from "../agent/session.ts";
import type { CliContext } from "./context.ts";

export async function rebootInto(context: CliContext, session: Session, version: string | undefined): Promise<void> {
  if (!session.settings.live) {
    throw new Fault("not-live", "Cannot reboot: --root names a machine that is not the one we run on", {
      hint: "The work itself is done; leave --reboot away next time.",
      kind: "usage",
    });
  }
  context.process.stderr.write(`Rebooting${version === undefined ? "" : ` into ${version}`}.\n`);
  await session.machine.process.reboot();
}

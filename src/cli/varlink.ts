// Serves the connection that this process was handed: one of the two interfaces, with the agent behind it.
import type { Session, Settings } from "../agent/session.ts";
import { Fault } from "../base/fault.ts";
import { parseBoolean } from "../format/unit-file.ts";
import type { Desk } from "../varlink/commands.ts";
import { demandOf } from "../varlink/demand.ts";
import { serve } from "../varlink/serve.ts";
import { makeService, type ServiceInfo } from "../varlink/service.ts";
import { sysUpdate, sysUpdateInterface } from "../varlink/sys-update.ts";
import { updateInterface } from "../varlink/update-interface.ts";
import { updateMethods } from "../varlink/update-methods.ts";
import type { CliContext, HandedConnection } from "./context.ts";
import { holdfastVersion, sysupdateVersion } from "./version.ts";

/** The first one is served where nothing else is asked for. */
export const interfaceNames: readonly [string, ...string[]] = [updateInterface.name, sysUpdateInterface.name];

const url = "file:///usr/share/doc/holdfast/";

/** Who answers: also in the place of systemd-sysupdate nobody else than Holdfast. */
function infoOf(interfaceName: string): ServiceInfo {
  const standsIn = interfaceName === sysUpdateInterface.name;
  const version = standsIn ? `${sysupdateVersion} (Holdfast ${holdfastVersion})` : holdfastVersion;
  return { vendor: "Holdfast", product: standsIn ? "Holdfast (systemd-sysupdate)" : "Holdfast", version, url };
}

function deskOf(context: CliContext, handed: HandedConnection, own: Partial<Settings>): Desk {
  return {
    commands: context.agent,
    demand: demandOf(handed.origin, handed.authority),
    async inSession({ settings = {}, signal, progress }, work) {
      await using machine = await context.openMachine({
        root: undefined,
        display: "none",
        colour: false,
        progressFd: undefined,
        ...(progress === undefined ? {} : { listener: progress }),
      });
      const session: Session = { machine, settings: { live: true, lockWaitMs: 0, ...own, ...settings }, signal };
      try {
        return await work(session);
      } catch (thrown) {
        throw signal.aborted ? interrupted(thrown) : thrown;
      }
    },
  };
}

function interrupted(cause: unknown): Fault {
  return new Fault("interrupted", "Cannot finish the call: it was broken off", {
    kind: "interrupted",
    retriable: true,
    hint: "Everything downloaded so far is kept; the same call goes on from there.",
    cause,
  });
}

/** Returns when the caller is done; throws the Fault that ended the connection before. */
export async function serveHanded(context: CliContext, handed: HandedConnection, interfaceName: string): Promise<void> {
  const say = (line: string): void => context.process.stderr.write(`holdfast: ${line}\n`);
  const standsIn = interfaceName === sysUpdateInterface.name;
  // A variable of systemd's own service: whoever can set it there is root.
  const trusting = standsIn && parseBoolean(context.process.env["SYSTEMD_SYSUPDATE_NO_VERIFY"] ?? "") === true;
  const desk = deskOf(context, handed, trusting ? { verify: false } : {});
  const own = standsIn ? sysUpdate(desk, say) : updateMethods(desk, handed.elapsedMs);
  const stop = new AbortController();
  const forget = context.onInterrupt(() => stop.abort());
  try {
    const { connection, after } = handed;
    await serve({ connection, service: makeService(infoOf(interfaceName), [own]), stop: stop.signal, after });
  } finally {
    forget();
  }
}

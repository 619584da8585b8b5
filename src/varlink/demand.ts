// May whoever calls do that? Root may all; who started this process by hand has its rights anyway; everyone else is
// polkit's to decide. The errors are those of systemd 262.
import type { Action } from "./actions.ts";
import type { Authority, Origin } from "./caller.ts";
import type { Desk } from "./commands.ts";
import { ErrorReply } from "./error-reply.ts";

export function demandOf(origin: Origin, authority: Authority): Desk["demand"] {
  return async (action: Action, interactive: boolean) => {
    if (origin.kind === "self" || origin.caller.uid === 0) return;
    const verdict = await authority.ask(action, origin.caller, interactive);
    if (verdict === "denied") throw new ErrorReply("org.varlink.service.PermissionDenied");
    if (verdict === "needs-authentication") throw new ErrorReply("io.systemd.InteractiveAuthenticationRequired");
  };
}

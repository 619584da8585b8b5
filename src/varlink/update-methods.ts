// org.holdfast.Update: each method asks whether its caller may, and calls the command of the agent that the command line
// calls too. What is answered are the reports of src/wire.
import { Fault } from "../base/fault.ts";
import { isComponentName } from "../format/component-file.ts";
import type { Progress, ProgressEvent } from "../port/progress.ts";
import { type Action, actions } from "./actions.ts";
import type { Desk } from "./commands.ts";
import { ErrorReply, invalidParameter } from "./error-reply.ts";
import type { Implementation, Method, MethodCall } from "./service.ts";
import { updateInterface } from "./update-interface.ts";

const historyMax = 100;
/** Bytes are told ten times a second at most. */
const bytesEveryMs = 100;

type Parameters = MethodCall["parameters"];

function textOf(parameters: Parameters, name: string): string | undefined {
  const value = parameters[name];
  return typeof value === "string" ? value : undefined;
}

function versionOf(parameters: Parameters): { readonly version?: string } {
  const version = textOf(parameters, "version");
  return version === undefined ? {} : { version };
}

function componentOf(parameters: Parameters): { readonly component?: string } {
  const component = textOf(parameters, "component");
  if (component === undefined) return {};
  if (!isComponentName(component)) throw invalidParameter("component");
  return { component };
}

/** What the definition describes of an event, and nothing else. */
function progressOf(event: ProgressEvent): Readonly<Record<string, string | number | undefined>> {
  switch (event.kind) {
    case "step":
      return { ...stepOf(event), totalBytes: event.totalBytes };
    case "step-done":
      return stepOf(event);
    case "bytes":
      return { kind: event.kind, done: event.done, total: event.total };
    case "note":
    case "warning":
      return { kind: event.kind, text: event.text };
  }
}

function stepOf({ kind, index, count, title }: Extract<ProgressEvent, { readonly index: number }>): {
  readonly kind: string;
  readonly index: number;
  readonly count: number;
  readonly title: string;
} {
  return { kind, index, count, title };
}

function progressTo(send: MethodCall["send"], nowMs: () => number): Progress {
  let toldMs = Number.NEGATIVE_INFINITY;
  return {
    report(event: ProgressEvent) {
      if (event.kind === "bytes" && event.done !== event.total) {
        if (nowMs() - toldMs < bytesEveryMs) return;
        toldMs = nowMs();
      }
      send({ progress: progressOf(event) });
    },
  };
}

function errorOf(thrown: unknown): ErrorReply {
  if (!(thrown instanceof Fault)) throw thrown;
  const { code, message, hint, details, kind, retriable } = thrown;
  const said = { code, message, ...(hint === undefined ? {} : { hint }) };
  const name = `${updateInterface.name}.`;
  switch (kind) {
    case "busy":
      return new ErrorReply(`${name}Busy`, { ...said, ...("owner" in details ? { owner: details["owner"] } : {}) });
    case "refused":
      return new ErrorReply(`${name}Refused`, said);
    case "interrupted":
      return new ErrorReply(`${name}Interrupted`, said);
    default:
      return new ErrorReply(`${name}Failed`, { ...said, retriable });
  }
}

/** `elapsedMs` only goes forward. */
export function updateMethods({ commands, demand, inSession }: Desk, elapsedMs: () => number): Implementation {
  /** Asks first, then does it. */
  const method =
    (action: Action | ((parameters: Parameters) => Action), work: Method): Method =>
    async (call) => {
      const { parameters } = call;
      const wanted = typeof action === "string" ? action : action(parameters);
      await demand(wanted, parameters["allowInteractiveAuthentication"] === true);
      return work(call);
    };
  const long = ({ signal, send }: MethodCall): { readonly signal: AbortSignal; readonly progress: Progress } => ({
    signal,
    progress: progressTo(send, elapsedMs),
  });
  return {
    definition: updateInterface,
    errorOf,
    methods: {
      Status: method(actions.look, async ({ parameters, signal }) => {
        const settings = componentOf(parameters);
        return { report: await inSession({ settings, signal }, (session) => commands.status(session)) };
      }),
      Check: method(actions.check, async ({ parameters, signal }) => {
        const settings = componentOf(parameters);
        return { report: await inSession({ settings, signal }, (session) => commands.check(session)) };
      }),
      Plan: method(actions.check, async ({ parameters, signal }) => {
        const options = { ...versionOf(parameters), dryRun: true };
        const settings = componentOf(parameters);
        return { report: await inSession({ settings, signal }, (session) => commands.update(session, options)) };
      }),
      Update: method(
        (parameters) => (textOf(parameters, "version") === undefined ? actions.update : actions.updateToVersion),
        async (call) => {
          const options = { ...versionOf(call.parameters), acquireOnly: call.parameters["acquireOnly"] === true };
          const request = { settings: componentOf(call.parameters), ...long(call) };
          return { report: await inSession(request, (session) => commands.update(session, options)) };
        },
      ),
      Rollback: method(actions.rollback, async (call) => {
        const options = versionOf(call.parameters);
        return { report: await inSession(long(call), (session) => commands.rollback(session, options)) };
      }),
      Doctor: method(
        ({ repair }) => (repair === true ? actions.repair : actions.doctor),
        async (call) => {
          const options = { deep: call.parameters["deep"] === true, repair: call.parameters["repair"] === true };
          return { report: await inSession(long(call), (session) => commands.doctor(session, options)) };
        },
      ),
      History: method(actions.look, async ({ parameters, signal }) => {
        const last = parameters["last"] ?? historyMax;
        if (typeof last !== "number" || last < 1) throw invalidParameter("last");
        return { entries: (await inSession({ signal }, (session) => commands.history(session))).slice(-last) };
      }),
      Pin: method(actions.pin, async ({ parameters, signal }) => {
        await inSession({ signal }, (session) => commands.pin(session, textOf(parameters, "version") ?? ""));
        return {};
      }),
      Unpin: method(actions.pin, async ({ parameters, signal }) => {
        await inSession({ signal }, (session) => commands.unpin(session, textOf(parameters, "version") ?? ""));
        return {};
      }),
      ListQuarantine: method(actions.look, async ({ signal }) =>
        inSession({ signal }, (session) => commands.quarantine(session)),
      ),
      LiftQuarantine: method(actions.liftQuarantine, async ({ parameters, signal }) => {
        const version = textOf(parameters, "version") ?? "";
        return { report: await inSession({ signal }, (session) => commands.liftQuarantine(session, version)) };
      }),
    },
  };
}

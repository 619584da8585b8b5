// io.systemd.SysUpdate with the questions and answers of systemd 262 (interfaces D.7); test/interop/varlink.test.ts holds
// the two side by side. Only CheckNew asks who calls: the others say what anyone can read in /etc and /usr.
import { Fault } from "../base/fault.ts";
import type { FeatureLine } from "../agent/command/features.ts";
import { isComponentName } from "../format/component-file.ts";
import { actions } from "./actions.ts";
import type { Desk } from "./commands.ts";
import { ErrorReply, type ErrorNumber, invalidParameter, systemError } from "./error-reply.ts";
import type { Interface } from "./interface.ts";
import type { Implementation } from "./service.ts";
import { bool, field, list, maybe, named, string } from "./shape.ts";

export const sysUpdateInterface: Interface = {
  name: "io.systemd.SysUpdate",
  comment: "Updates of this system and its components, as systemd-sysupdate offers them",
  types: {
    TargetClass: {
      kind: "enum",
      comment: "Kinds of what can be updated",
      values: {
        machine: "A container or virtual machine",
        portable: "A portable service",
        sysext: "An extension of /usr",
        confext: "An extension of /etc",
        host: "The system itself",
        component: "A component with definitions of its own, in sysupdate.NAME.d",
      },
    },
    TargetIdentifier: {
      kind: "struct",
      comment: "Names something that can be updated",
      fields: { class: field(named("TargetClass")), name: field(maybe(string), "Not for the host") },
    },
    Target: {
      kind: "struct",
      comment: "Something that can be updated",
      fields: { id: field(named("TargetIdentifier")) },
    },
    Feature: {
      kind: "struct",
      comment: "An optional part of a target, which an administrator switches on or off",
      fields: {
        id: field(string, "Name of its file"),
        description: field(maybe(string), "In a few words"),
        documentation: field(maybe(list(string)), "Where to read more"),
        appStream: field(maybe(string), "URL of a catalog of AppStream"),
        enabled: field(bool, "It is switched on"),
        suggested: field(maybe(bool), "This machine is one that it is meant for"),
        transfers: field(maybe(list(string)), "Transfers that it switches, those that are off included"),
      },
    },
  },
  methods: {
    ListFeatures: {
      comment: "List the optional parts of a target",
      input: { target: field(named("TargetIdentifier")) },
      output: { features: field(list(named("Feature"))) },
    },
    CheckNew: {
      comment: "Ask the sources for a version newer than what is installed",
      input: {
        target: field(named("TargetIdentifier")),
        allowInteractiveAuthentication: field(maybe(bool), "A person may be asked for a password; otherwise not"),
      },
      output: { available: field(string, "The version") },
    },
    ListTargets: {
      comment: "List what can be updated",
      input: {},
      output: { targets: field(list(named("Target"))) },
    },
  },
  errors: {
    NoUpdateNeeded: { comment: "Nothing is newer", fields: {} },
    NoSuchTarget: { comment: "There is no such target, or it has no definitions", fields: {} },
  },
};

const noSuchTarget = (): ErrorReply => new ErrorReply("io.systemd.SysUpdate.NoSuchTarget");

/** What a call names; `undefined` is the host. */
type Target = { readonly component: string | undefined } | "elsewhere";

/** Machines, portable services and extensions can be named, but have no definitions on this machine. */
function targetOf(value: unknown): Target {
  const { class: kind, name = null } = value as { readonly class: string; readonly name?: string | null };
  if ((kind === "host") !== (name === null)) throw invalidParameter("target");
  if (name === null) return { component: undefined };
  if (kind !== "component") return "elsewhere";
  if (cannotBeFile(name)) throw invalidParameter("target");
  return isComponentName(name) ? { component: name } : "elsewhere";
}

/** systemd draws the line where `sysupdate.NAME.component.d` cannot be a file of that name, and nothing else. */
function cannotBeFile(name: string): boolean {
  const bytes = new TextEncoder().encode(name).length;
  return bytes === 0 || bytes > 233 || [...name].some((each) => each < " " || "/\\*?[\u007f".includes(each));
}

/** systemd names a transfer by its file without folder and suffix. */
function transferId(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.(transfer|conf)$/, "");
}

function featureOf(line: FeatureLine): object {
  const { id, description, documentation, appStream, enabled, suggested, transfers } = line;
  return {
    id,
    ...(description === undefined ? {} : { description }),
    ...(documentation.length === 0 ? {} : { documentation }),
    ...(appStream === undefined ? {} : { appStream }),
    enabled,
    ...(suggested.kind === "unknown" ? {} : { suggested: suggested.kind === "yes" }),
    ...(transfers.length === 0 ? {} : { transfers: transfers.map(transferId) }),
  };
}

const errnoOfKind: Readonly<Record<Fault["kind"], ErrorNumber>> = {
  failed: "EIO",
  usage: "EINVAL",
  nothing: "EIO",
  refused: "EPERM",
  interrupted: "ECANCELED",
  busy: "EBUSY",
  finding: "EIO",
};

/** `say` gets a line for each failure: the interface has numbers only. */
export function sysUpdate(desk: Desk, say: (line: string) => void): Implementation {
  const { commands, inSession, demand } = desk;
  const settingsOf = (target: Target): { readonly component?: string } => {
    if (target === "elsewhere") throw noSuchTarget();
    return target.component === undefined ? {} : { component: target.component };
  };
  return {
    definition: sysUpdateInterface,
    methods: {
      ListTargets: async ({ signal }) => {
        const report = await inSession({ signal }, (session) => commands.components(session));
        const host = report.default ? [{ id: { class: "host", name: null } }] : [];
        return { targets: [...host, ...report.components.map(({ id }) => ({ id: { class: "component", name: id } }))] };
      },
      ListFeatures: async ({ parameters, signal }) => {
        const settings = settingsOf(targetOf(parameters["target"]));
        const lines = await inSession({ settings, signal }, (session) => commands.features(session));
        return { features: lines.map(featureOf) };
      },
      CheckNew: async ({ parameters, signal }) => {
        const target = targetOf(parameters["target"]);
        await demand(actions.check, parameters["allowInteractiveAuthentication"] === true);
        const { available } = await inSession({ settings: settingsOf(target), signal }, (session) =>
          commands.check(session),
        );
        if (available === undefined) throw new ErrorReply("io.systemd.SysUpdate.NoUpdateNeeded");
        return { available };
      },
    },
    errorOf(thrown) {
      if (!(thrown instanceof Fault)) throw thrown;
      if (thrown.code === "no-definitions") return noSuchTarget();
      say(thrown.message);
      return systemError(errnoOfKind[thrown.kind]);
    },
  };
}

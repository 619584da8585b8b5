// sysupdate enable-feature, disable-feature, enable-component, disable-component (systemd 262).
import type { Suggested } from "../../domain/suggest.ts";
import { callFor, defaultName, idsOf } from "./components.ts";
import { nameForPath, writeSwitch } from "./drop-in.ts";
import { type Verb, type VerbCall, type VerbExit, log, refuse } from "./verb.ts";

function refuseDefinitions({ options }: VerbCall): void {
  if (options.definitions !== undefined) {
    throw refuse(`The --definitions= switch may not be combined with '${options.verb}'.`);
  }
}

/** What cannot be told is not suggested, and said so. */
function isSuggested(call: VerbCall, what: string, suggested: Suggested): boolean {
  if (suggested.kind === "unknown")
    log(call, `Failed to determine if ${what} is suggested, skipping: ${suggested.why}`);
  return suggested.kind === "yes";
}

async function switchFeatures(call: VerbCall, enable: boolean): Promise<VerbExit> {
  const { options } = call;
  refuseDefinitions(call);
  if ((options.featureSelect === "explicit") === (options.arguments.length === 0)) {
    throw refuse("Either specify features as positional parameter or via --feature-all/--feature-suggested, not both.");
  }
  for (const name of options.arguments) nameForPath("Feature", name);
  if (options.componentSelect !== "all") return switchFeaturesOf(call, options.component, enable);
  let exit: VerbExit = 0;
  for (const id of idsOf(await call.context.agent.components(call.session)))
    if ((await switchFeaturesOf(callFor(call, id), id, enable)) !== 0) exit = 1;
  return exit;
}

async function switchFeaturesOf(call: VerbCall, component: string | undefined, enable: boolean): Promise<VerbExit> {
  const { context, session, options } = call;
  const known = await context.agent.features(session);
  const where = `component '${component ?? defaultName}'`;
  const chosen =
    options.featureSelect === "explicit"
      ? options.arguments
      : known
          .filter(
            ({ id, suggested }) =>
              options.featureSelect === "all" || isSuggested(call, `feature '${id}' of ${where}`, suggested),
          )
          .map(({ id }) => id);
  const base = component === undefined ? "/etc/sysupdate.d" : `/etc/sysupdate.${component}.d`;
  let exit: VerbExit = 0;
  for (const name of chosen) {
    if (!known.some(({ id }) => id === name)) {
      log(call, `Optional feature not found in ${where}: ${name}`);
      exit = 1;
      continue;
    }
    const folder = `${base}/${name}.feature.d`;
    await writeSwitch(session.machine.disk, { section: "Feature", folder, enable, verb: options.verb });
    log(call, `Feature '${name}' ${enable ? "enabled" : "disabled"}.`);
  }
  return exit;
}

export const enableFeature: Verb = async (call) => switchFeatures(call, true);

export const disableFeature: Verb = async (call) => switchFeatures(call, false);

async function chosenComponents(call: VerbCall): Promise<{
  readonly chosen: readonly string[];
  readonly known: readonly string[];
}> {
  const { options } = call;
  const { arguments: named, component, componentSelect } = options;
  const bySwitch = component !== undefined || componentSelect !== "explicit";
  if (named.length > 0 && bySwitch) {
    throw refuse(
      "Either specify component names as positional parameter or via --component=/--component-all/--component-suggested, not both.",
    );
  }
  if (named.length === 0 && !bySwitch) throw refuse("No component specified.");
  for (const name of named) nameForPath("Component", name);
  const { components } = await call.context.agent.components(call.session);
  const known = components.map(({ id }) => id);
  if (componentSelect === "all") return { chosen: known, known };
  if (componentSelect === "explicit") return { chosen: component === undefined ? named : [component], known };
  const suggested = components.filter((line) => isSuggested(call, `component '${line.id}'`, line.suggested));
  return { chosen: suggested.map(({ id }) => id), known };
}

async function switchComponents(call: VerbCall, enable: boolean): Promise<VerbExit> {
  const { session, options } = call;
  refuseDefinitions(call);
  const { chosen, known } = await chosenComponents(call);
  const unknown = chosen.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    log(call, `Component not found: ${unknown}`);
    return 1;
  }
  for (const name of chosen) {
    const folder = `/etc/sysupdate.${name}.component.d`;
    await writeSwitch(session.machine.disk, { section: "Component", folder, enable, verb: options.verb });
    log(call, `Component '${name}' ${enable ? "enabled" : "disabled"}.`);
  }
  return 0;
}

export const enableComponent: Verb = async (call) => switchComponents(call, true);

export const disableComponent: Verb = async (call) => switchComponents(call, false);

// sysupdate enable-feature, disable-feature, enable-component, disable-component (systemd 262).
import { nameForPath, writeSwitch } from "./drop-in.ts";
import { type Verb, type VerbCall, type VerbExit, log, refuse } from "./verb.ts";

function refuseDefinitions({ options }: VerbCall): void {
  if (options.definitions !== undefined) {
    throw refuse(`The --definitions= switch may not be combined with '${options.verb}'.`);
  }
}

async function switchFeatures(call: VerbCall, enable: boolean): Promise<VerbExit> {
  const { context, session, options } = call;
  refuseDefinitions(call);
  const all = options.featureSelect === "all";
  if (options.featureSelect === "suggested")
    throw refuse(`--feature-suggested is not supported for '${options.verb}'.`);
  if (all === options.arguments.length > 0) {
    throw refuse("Either specify features as positional parameter or via --feature-all, not both.");
  }
  for (const name of options.arguments) nameForPath("Feature", name);
  const known = (await context.agent.features(session)).map(({ id }) => id);
  const base = options.component === undefined ? "/etc/sysupdate.d" : `/etc/sysupdate.${options.component}.d`;
  let exit: VerbExit = 0;
  for (const name of all ? known : options.arguments) {
    if (!known.includes(name)) {
      log(call, `Optional feature not found: ${name}`);
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

function chosenComponents({ options }: VerbCall, known: readonly string[]): readonly string[] {
  const { arguments: named, component, componentSelect } = options;
  if (componentSelect === "suggested") throw refuse(`--component-suggested is not supported for '${options.verb}'.`);
  if (named.length > 0 && (component !== undefined || componentSelect === "all")) {
    throw refuse(
      "Either specify component names as positional parameter or via --component=/--component-all, not both.",
    );
  }
  if (componentSelect === "all") return known;
  if (named.length === 0 && component === undefined) throw refuse("No component specified.");
  return component === undefined ? named : [component];
}

async function switchComponents(call: VerbCall, enable: boolean): Promise<VerbExit> {
  const { context, session, options } = call;
  refuseDefinitions(call);
  const known = (await context.agent.components(session)).components;
  const chosen = chosenComponents(call, known);
  for (const name of chosen) nameForPath("Component", name);
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

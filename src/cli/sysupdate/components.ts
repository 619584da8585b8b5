// Verbs that take `--component-all`: one call a component, the host first.
import type { ComponentsReport } from "../../agent/command/features.ts";
import type { VerbCall } from "./verb.ts";

/** What systemd calls the host among the components. */
export const defaultName = "<default>";

/** Every component there is; `undefined` is the host, where it has definitions. */
export function idsOf(report: ComponentsReport): readonly (string | undefined)[] {
  return [...(report.default ? [undefined] : []), ...report.components.map(({ id }) => id)];
}

/** The same call for one component. */
export function callFor(call: VerbCall, component: string | undefined): VerbCall {
  const { component: _, ...settings } = call.session.settings;
  return {
    ...call,
    session: { ...call.session, settings: component === undefined ? settings : { ...settings, component } },
  };
}

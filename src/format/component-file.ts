// sysupdate.COMPONENT.component (systemd 262 and later): a part of the system with versions of its own.
import type { Component } from "./definitions.ts";
import type { Specifiers } from "./specifier.ts";
import { suggestionReaders } from "./suggestion.ts";
import type { UnitSource, Warning } from "./unit-file.ts";
import { readUnits } from "./unit-reader.ts";

/** Characters as systemd's `component_name_valid` has them: a file name without slashes. */
export function isComponentName(text: string): boolean {
  return /^[0-9A-Za-z_+-][0-9A-Za-z_.+-]{0,199}$/.test(text);
}

/** `sources`: the component file if there is one, then its drop-ins in order. A component without a file is enabled. */
export function parseComponent(
  id: string,
  sources: readonly UnitSource[],
  specifiers: Specifiers,
): { component: Component; warnings: readonly Warning[] } {
  let description: string | undefined;
  let documentation: string[] = [];
  let enabled = true;
  const { readers, suggestion } = suggestionReaders("Component");
  const warnings = readUnits(
    sources,
    {
      ...readers,
      "Component.Description": (setting) => {
        description = setting.isReset ? undefined : setting.value;
      },
      "Component.Documentation": (setting) => {
        const url = setting.isReset ? undefined : setting.url();
        documentation = setting.isReset ? [] : [...documentation, ...(url === undefined ? [] : [url])];
      },
      "Component.Enabled": (setting) => {
        enabled = setting.isReset ? true : (setting.boolean() ?? enabled);
      },
    },
    specifiers,
  );
  const component = {
    id,
    file: sources[0]?.path ?? id,
    ...(description === undefined ? {} : { description }),
    documentation,
    enabled,
    suggestion: suggestion(),
  };
  return { component, warnings };
}

// sysupdate.features(5): an optional part of the system that can be switched on.
import type { Feature } from "./definitions.ts";
import type { Specifiers } from "./specifier.ts";
import type { UnitSource, Warning } from "./unit-file.ts";
import { suggestionReaders } from "./suggestion.ts";
import { readUnits } from "./unit-reader.ts";

/** `sources`: the feature file, then its drop-ins in order. */
export function parseFeature(
  id: string,
  sources: readonly UnitSource[],
  specifiers: Specifiers,
): { feature: Feature; warnings: readonly Warning[] } {
  let description: string | undefined;
  let documentation: string[] = [];
  let appStream: string | undefined;
  let enabled = false;
  const { readers, suggestion } = suggestionReaders("Feature");
  const warnings = readUnits(
    sources,
    {
      ...readers,
      "Feature.Description": (setting) => {
        description = setting.isReset ? undefined : setting.value;
      },
      "Feature.Documentation": (setting) => {
        const url = setting.isReset ? undefined : setting.url();
        documentation = setting.isReset ? [] : [...documentation, ...(url === undefined ? [] : [url])];
      },
      "Feature.AppStream": (setting) => {
        appStream = setting.isReset ? undefined : (setting.url() ?? appStream);
      },
      "Feature.Enabled": (setting) => {
        enabled = setting.isReset ? false : (setting.boolean() ?? enabled);
      },
    },
    specifiers,
  );
  const feature = {
    id,
    file: sources[0]?.path ?? id,
    ...(description === undefined ? {} : { description }),
    documentation,
    ...(appStream === undefined ? {} : { appStream }),
    enabled,
    suggestion: suggestion(),
  };
  return { feature, warnings };
}

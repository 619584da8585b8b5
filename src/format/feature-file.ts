// sysupdate.features(5): an optional part of the system that can be switched on.
import type { Feature } from "./definitions.ts";
import type { Specifiers } from "./specifier.ts";
import type { UnitSource, Warning } from "./unit-file.ts";
import { type KeyReaders, readUnits, unused } from "./unit-reader.ts";

/** The conditions under which systemd 262 and later suggest a feature or component; suggesting is not ours. */
const suggestKeys = [
  "Suggest",
  ...[
    "Architecture",
    "Firmware",
    "Virtualization",
    "Host",
    "Fraction",
    "KernelCommandLine",
    "Version",
    "Credential",
    "Security",
    "OSRelease",
    "MachineTag",
  ].map((condition) => `SuggestOn${condition}`),
];

/** Readers that accept and drop every Suggest key of `section`. */
export function suggestReaders(section: "Feature" | "Component"): KeyReaders {
  return Object.fromEntries(suggestKeys.map((key) => [`${section}.${key}`, unused]));
}

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
  const warnings = readUnits(
    sources,
    {
      ...suggestReaders("Feature"),
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
  };
  return { feature, warnings };
}

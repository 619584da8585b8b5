// Suggest= and SuggestOn...= of features and components: when systemd 262 proposes to switch them on (sysupdate.features(5)).
import type { KeyReaders, Setting } from "./unit-reader.ts";

const kinds = [
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
] as const;

export type SuggestKind = (typeof kinds)[number];

/** As the Condition of the same name in systemd.unit(5). */
export interface SuggestCondition {
  readonly kind: SuggestKind;
  /** Written with a leading `!`. */
  readonly negated: boolean;
  /** Written with a leading `|`: one of these is enough. */
  readonly alternative: boolean;
  readonly argument: string;
}

export interface Suggestion {
  /** `Suggest=`: decides without the conditions. */
  readonly always: boolean | undefined;
  readonly conditions: readonly SuggestCondition[];
}

function conditionOf(kind: SuggestKind, text: string): SuggestCondition {
  const [, alternative = "", negated = "", argument = ""] = /^(\|?)\s*(!?)\s*(.*)$/s.exec(text) ?? [];
  return { kind, negated: negated !== "", alternative: alternative !== "", argument };
}

/** Readers for the keys of `section`, and what they have read so far. */
export function suggestionReaders(section: "Feature" | "Component"): {
  readonly readers: KeyReaders;
  readonly suggestion: () => Suggestion;
} {
  let always: boolean | undefined;
  let conditions: readonly SuggestCondition[] = [];
  const onCondition = (kind: SuggestKind, setting: Setting): void => {
    conditions = setting.isReset ? [] : [...conditions, conditionOf(kind, setting.value)];
  };
  const readers: KeyReaders = Object.fromEntries([
    [
      `${section}.Suggest`,
      (setting: Setting) => {
        always = setting.isReset ? undefined : (setting.boolean() ?? always);
      },
    ],
    ...kinds.map((kind) => [`${section}.SuggestOn${kind}`, (setting: Setting) => onCondition(kind, setting)]),
  ]);
  return { readers, suggestion: () => ({ always, conditions }) };
}
